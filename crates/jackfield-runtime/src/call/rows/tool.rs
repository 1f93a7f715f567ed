//! The table entry of a tool.

use jackfield_recipe::{Ask, Caching, Effect, Step};

use super::job::Job;
use super::mapping::{Bind, Mapping};
use super::merge::MergedInto;
use super::paging::Paging;
use super::preset::Preset;
use super::resource::Resource;
use super::security::Need;
use super::server::Server;
use super::shown_tool::shown_tool_setters;

/// A tool for one operation of the document.
#[derive(Clone, Copy)]
pub struct Tool<'a> {
    pub(crate) name: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) mapping: Mapping<'a>,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) input: &'a str,
    pub(crate) output: &'a str,
    pub(crate) accept: &'a str,
    pub(crate) effect: Effect,
    pub(crate) ask: Ask,
    pub(crate) idempotent: bool,
    /// The header by which the service recognises a retried request. Empty if there is none.
    pub(crate) idempotency_key: &'a str,
    /// The pagination of the tool's list, if it is known.
    pub(crate) paging: Option<Paging<'a>>,
    /// The argument values that connector.toml sets.
    pub(crate) presets: &'a [Preset<'a>],
    pub(crate) caching: Caching,
    /// Describes how to read the status of a job that the tool starts, if this is known.
    pub(crate) job: Option<Job<'a>>,
    /// The resource through which clients read the replies, if there is one.
    pub(crate) resource: Option<Resource<'a>>,
    /// The merged tool through which clients call the operation, if there is one.
    pub(crate) merged: Option<MergedInto<'a>>,
    pub(crate) tokens: usize,
    pub(crate) fields: &'a str,
    pub(crate) server: Option<Server<'a>>,
    pub(crate) security: &'a [&'a [Need<'a>]],
}

impl<'a> Tool<'a> {
    /// Creates a tool whose mapping is a generated function.
    pub const fn new(name: &'a str, method: &'a str, path: &'a str, bind: Bind) -> Self {
        Self::with(name, method, path, Mapping::Function(bind))
    }

    /// Creates a tool whose mapping is interpreted, for previews of documents without generated code.
    pub const fn interpreted(name: &'a str, method: &'a str, path: &'a str, recipe: &'a [Step]) -> Self {
        Self::with(name, method, path, Mapping::Recipe(recipe))
    }

    const fn with(name: &'a str, method: &'a str, path: &'a str, mapping: Mapping<'a>) -> Self {
        Self {
            name,
            method,
            path,
            mapping,
            title: "",
            description: "",
            input: r#"{"type":"object","additionalProperties":false}"#,
            output: "",
            accept: "application/json",
            effect: Effect::Destroy,
            ask: Ask::ByEffect,
            idempotent: false,
            idempotency_key: "",
            paging: None,
            presets: &[],
            caching: Caching::Off,
            job: None,
            resource: None,
            merged: None,
            tokens: 0,
            fields: "",
            server: None,
            security: &[],
        }
    }

    /// Sets the media types in the `Accept` header, if they are not JSON.
    pub const fn accept(self, accept: &'a str) -> Self {
        Self { accept, ..self }
    }

    /// Sets the effect of a call on the service: read, write or destroy.
    pub const fn effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// Sets whether calls wait for a person's approval, regardless of the effect.
    pub const fn ask(self, ask: Ask) -> Self {
        Self { ask, ..self }
    }

    /// Sets the header by which the service recognises a retried request.
    pub const fn idempotency_key(self, header: &'a str) -> Self {
        Self { idempotency_key: header, ..self }
    }

    /// Sets the pagination of the tool's list.
    pub const fn paging(self, paging: Paging<'a>) -> Self {
        Self { paging: Some(paging), ..self }
    }

    /// Sets the argument values that connector.toml fixes, hides or sets by default.
    pub const fn presets(self, presets: &'a [Preset<'a>]) -> Self {
        Self { presets, ..self }
    }

    /// Sets whether replies are cached.
    pub const fn caching(self, caching: Caching) -> Self {
        Self { caching, ..self }
    }

    /// Sets how the status of a job that the tool starts is read.
    pub const fn job(self, job: Job<'a>) -> Self {
        Self { job: Some(job), ..self }
    }

    /// Sets the resource through which clients read the replies.
    pub const fn resource(self, resource: Resource<'a>) -> Self {
        Self { resource: Some(resource), ..self }
    }

    /// Merges the operation into the tool `tool`. This tool calls the operation if the argument `selector` has the value `value`.
    /// `selector` and `value` are empty if the other arguments select the operation.
    pub const fn merged_into(self, tool: &'a str, selector: &'a str, value: &'a str) -> Self {
        Self { merged: Some(MergedInto { tool, selector, value }), ..self }
    }

    /// Sets the argument with which a call selects the fields of its reply.
    pub const fn fields(self, fields: &'a str) -> Self {
        Self { fields, ..self }
    }

    /// Sets the tool's own base URL, which replaces the connector's.
    pub const fn server(self, url: &'a str) -> Self {
        self.served_by(Server::new(url))
    }

    /// Sets the tool's own base URL with variables, which replaces the connector's.
    pub const fn served_by(self, server: Server<'a>) -> Self {
        Self { server: Some(server), ..self }
    }

    /// Sets the alternative security requirements. Each alternative lists the schemes that are needed together.
    pub const fn security(self, security: &'a [&'a [Need<'a>]]) -> Self {
        Self { security, ..self }
    }

    /// Returns the name under which clients call the operation: its own name, or the name of the tool that it is merged into.
    pub(crate) const fn called(&self) -> &'a str {
        match self.merged {
            Some(merged) => merged.tool,
            None => self.name,
        }
    }

    /// Returns the number of tokens that the entry in a list of tools takes. 0 if the tokens were not counted.
    pub const fn token_count(&self) -> usize {
        self.tokens
    }

    /// Whether clients can call the operation, as its own tool or through a merged tool. If not, they can only read it as a resource.
    pub const fn is_tool(&self) -> bool {
        match self.resource {
            Some(resource) => resource.is_tool,
            None => true,
        }
    }

    /// Whether clients call the operation as its own tool.
    pub(crate) const fn is_called(&self) -> bool {
        self.is_tool() && self.merged.is_none()
    }

    /// Returns the alternative security requirements.
    pub const fn alternatives(&self) -> &'a [&'a [Need<'a>]] {
        self.security
    }
}

shown_tool_setters!(Tool);

/// Tools are equal if all their properties except the mapping and the token count are equal. Functions cannot be compared, and an
/// interpreted recipe has the same effect as its function. Previews do not count tokens.
impl PartialEq for Tool<'_> {
    fn eq(&self, other: &Self) -> bool {
        let facts = |tool: &Self| {
            #[rustfmt::skip]
            let Self {
                name, method, path, mapping: _, title, description, input, output, accept, effect, ask, idempotent,
                idempotency_key, paging, presets, caching, job, resource, merged, tokens: _, fields, server, security,
            } = *tool;
            let texts =
                [name, method, path, title, description, input, output, accept, idempotency_key, fields];
            (
                texts,
                effect,
                ask,
                idempotent,
                paging,
                (presets, caching, job, resource, merged),
                server,
                security,
            )
        };
        facts(self) == facts(other)
    }
}

impl Eq for Tool<'_> {}

impl std::fmt::Debug for Tool<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tool({}: {} {})", self.name, self.method, self.path)
    }
}
