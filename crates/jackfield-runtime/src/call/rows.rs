//! The tool and scheme tables that generated code declares: constants with the lifetime `'static`, built by
//! const method calls. `jackfield preview` builds the same tables at run time, and they live as long as their
//! owner.
//!
//! The tables are built by method calls instead of struct literals, so that committed connectors still
//! compile after a property is added.

mod job;
mod mapping;
mod paging;
mod preset;
mod prompt;
mod rate;
mod reply;
mod resource;
mod schema;
mod security;
mod server;
mod setting;
mod tool_group;

use jackfield_recipe::{Ask, Caching, Effect, RetryLimits, Step, SurfaceKind, TimeLimits};

pub use jackfield_recipe::{ClientAuthentication, FlowKind};
pub use job::Job;
pub use mapping::Bind;
pub(crate) use mapping::Mapping;
pub use paging::Paging;
pub use preset::Preset;
pub(crate) use preset::PresetKind;
pub use prompt::{Prompt, PromptArgument};
pub use rate::RateLimit;
pub use reply::ReplyRow;
pub use resource::Resource;
pub use schema::Schema;
use schema::find;
pub(crate) use security::SchemeKind;
pub use security::{Client, Command, Flow, Need, Scheme};
pub use server::{Server, ServerVariable};
pub use setting::ParameterSetting;
pub use tool_group::Group;

/// A tool made from one operation.
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
    /// The header with which the service recognises a repeated request; empty if there is none.
    pub(crate) idempotency_key: &'a str,
    /// How its list is divided into pages, if that is known.
    pub(crate) paging: Option<Paging<'a>>,
    /// The decisions of connector.toml about values of the arguments.
    pub(crate) presets: &'a [Preset<'a>],
    pub(crate) caching: Caching,
    /// How the status of a job is read that it starts, if that is known.
    pub(crate) job: Option<Job<'a>>,
    /// How clients read it as a resource, if they can.
    pub(crate) resource: Option<Resource<'a>>,
    pub(crate) tokens: usize,
    pub(crate) fields: &'a str,
    pub(crate) server: Option<Server<'a>>,
    pub(crate) security: &'a [&'a [Need<'a>]],
}

impl<'a> Tool<'a> {
    /// A tool whose mapping is a generated function.
    pub const fn new(name: &'a str, method: &'a str, path: &'a str, bind: Bind) -> Self {
        Self::with(name, method, path, Mapping::Function(bind))
    }

    /// A tool whose mapping is interpreted, for previews of documents without generated code.
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
            tokens: 0,
            fields: "",
            server: None,
            security: &[],
        }
    }

    /// Sets the name that people read.
    pub const fn title(self, title: &'a str) -> Self {
        Self { title, ..self }
    }

    /// Sets the description by which a model chooses the tool.
    pub const fn description(self, description: &'a str) -> Self {
        Self { description, ..self }
    }

    /// Sets the JSON Schema of its arguments. `#/$defs/NAME` refers to the connector's pool.
    pub const fn input(self, input: &'a str) -> Self {
        Self { input, ..self }
    }

    /// Sets the JSON Schema of its structured content. `#/$defs/NAME` refers to the connector's pool of reply schemas.
    pub const fn output(self, output: &'a str) -> Self {
        Self { output, ..self }
    }

    /// Sets the media types that the tool accepts, if they are not JSON.
    pub const fn accept(self, accept: &'a str) -> Self {
        Self { accept, ..self }
    }

    /// Sets the effect that a call has on the service: read, write or destroy.
    pub const fn effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// Sets whether calls wait for a person's approval, whatever the effect.
    pub const fn ask(self, ask: Ask) -> Self {
        Self { ask, ..self }
    }

    /// Marks the tool as idempotent.
    pub const fn idempotent(self) -> Self {
        Self { idempotent: true, ..self }
    }

    /// Sets the header with which the service recognises a repeated request.
    pub const fn idempotency_key(self, header: &'a str) -> Self {
        Self { idempotency_key: header, ..self }
    }

    /// Sets how its list is divided into pages.
    pub const fn paging(self, paging: Paging<'a>) -> Self {
        Self { paging: Some(paging), ..self }
    }

    /// Sets the decisions of connector.toml about values of the arguments.
    pub const fn presets(self, presets: &'a [Preset<'a>]) -> Self {
        Self { presets, ..self }
    }

    /// Sets whether its replies are kept.
    pub const fn caching(self, caching: Caching) -> Self {
        Self { caching, ..self }
    }

    /// Sets how the status of a job is read that it starts.
    pub const fn job(self, job: Job<'a>) -> Self {
        Self { job: Some(job), ..self }
    }

    /// Sets how clients read it as a resource.
    pub const fn resource(self, resource: Resource<'a>) -> Self {
        Self { resource: Some(resource), ..self }
    }

    /// Sets the number of tokens that its entry in a list of tools takes.
    pub const fn tokens(self, tokens: usize) -> Self {
        Self { tokens, ..self }
    }

    /// Sets the argument with which a call chooses the parts of its reply.
    pub const fn fields(self, fields: &'a str) -> Self {
        Self { fields, ..self }
    }

    /// Sets a base URL that replaces the connector's.
    pub const fn server(self, url: &'a str) -> Self {
        self.served_by(Server::new(url))
    }

    /// Sets a base URL with variables that replaces the connector's.
    pub const fn served_by(self, server: Server<'a>) -> Self {
        Self { server: Some(server), ..self }
    }

    /// Sets the alternative security requirements, each a list of schemes that are needed together.
    pub const fn security(self, security: &'a [&'a [Need<'a>]]) -> Self {
        Self { security, ..self }
    }

    /// The tool's name.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The tokens of its entry in a list of tools; 0 if they were not counted.
    pub const fn token_count(&self) -> usize {
        self.tokens
    }

    /// Whether clients can call it as a tool. Otherwise it is only a resource.
    pub const fn is_tool(&self) -> bool {
        match self.resource {
            Some(resource) => resource.is_tool,
            None => true,
        }
    }

    /// The alternative security requirements.
    pub const fn alternatives(&self) -> &'a [&'a [Need<'a>]] {
        self.security
    }
}

/// Tools are equal if all their properties are. Mappings are not compared, because functions cannot be
/// compared and an interpreted recipe has the same effect as its function. Token counts are not compared
/// either, because previews do not count them.
impl PartialEq for Tool<'_> {
    fn eq(&self, other: &Self) -> bool {
        let facts = |tool: &Self| {
            #[rustfmt::skip]
            let Self {
                name, method, path, mapping: _, title, description, input, output, accept, effect, ask, idempotent,
                idempotency_key, paging, presets, caching, job, resource, tokens: _, fields, server, security,
            } = *tool;
            let texts =
                [name, method, path, title, description, input, output, accept, idempotency_key, fields];
            (texts, effect, ask, idempotent, paging, (presets, caching, job, resource), server, security)
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

/// Everything that was generated from one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connector<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    /// The text that clients give to models, instead of the description; empty if there is none.
    pub(crate) instructions: &'a str,
    pub(crate) servers: &'a [Server<'a>],
    pub(crate) schemes: &'a [Scheme<'a>],
    pub(crate) groups: &'a [Group<'a>],
    pub(crate) schemas: &'a [Schema<'a>],
    pub(crate) received: &'a [Schema<'a>],
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) settings: &'a [ParameterSetting<'a>],
    pub(crate) origins: &'a [&'a str],
    pub(crate) named: &'a [&'a str],
    pub(crate) authorities: &'a [&'a str],
    pub(crate) surface: SurfaceKind,
    pub(crate) promoted: &'a [&'a str],
    pub(crate) rates: &'a [RateLimit<'a>],
    pub(crate) replies: &'a [ReplyRow<'a>],
    pub(crate) prompts: &'a [Prompt<'a>],
    /// Whether clients can read pages about the connector as resources.
    pub(crate) documentation: bool,
    pub(crate) timeouts: TimeLimits,
    pub(crate) retry: RetryLimits,
}

impl<'a> Connector<'a> {
    /// The connector of that name.
    pub const fn new(name: &'a str) -> Self {
        Self {
            name,
            title: "",
            description: "",
            instructions: "",
            servers: &[],
            schemes: &[],
            groups: &[],
            schemas: &[],
            received: &[],
            headers: &[],
            settings: &[],
            origins: &[],
            named: &[],
            authorities: &[],
            surface: SurfaceKind::Each,
            promoted: &[],
            rates: &[],
            replies: &[],
            prompts: &[],
            documentation: false,
            timeouts: TimeLimits::new(),
            retry: RetryLimits::new(),
        }
    }

    /// Sets the document's title.
    pub const fn title(self, title: &'a str) -> Self {
        Self { title, ..self }
    }

    /// Sets the document's description.
    pub const fn description(self, description: &'a str) -> Self {
        Self { description, ..self }
    }

    /// Sets the text that clients give to models, instead of the description.
    pub const fn instructions(self, instructions: &'a str) -> Self {
        Self { instructions, ..self }
    }

    /// Sets the servers. The first is used unless the user chooses another.
    pub const fn servers(self, servers: &'a [Server<'a>]) -> Self {
        Self { servers, ..self }
    }

    /// Sets the security schemes.
    pub const fn schemes(self, schemes: &'a [Scheme<'a>]) -> Self {
        Self { schemes, ..self }
    }

    /// Sets the tools, by tag.
    pub const fn groups(self, groups: &'a [Group<'a>]) -> Self {
        Self { groups, ..self }
    }

    /// Sets the schema pool, sorted by name.
    pub const fn schemas(self, schemas: &'a [Schema<'a>]) -> Self {
        Self { schemas, ..self }
    }

    /// Sets the pool of reply schemas, sorted by name.
    pub const fn received(self, received: &'a [Schema<'a>]) -> Self {
        Self { received, ..self }
    }

    /// Sets headers that every request has, such as the version of the API.
    pub const fn headers(self, headers: &'a [(&'a str, &'a str)]) -> Self {
        Self { headers, ..self }
    }

    /// Sets the parameters that are settings instead of arguments.
    pub const fn settings(self, settings: &'a [ParameterSetting<'a>]) -> Self {
        Self { settings, ..self }
    }

    /// Sets origins that credentials may go to, besides the document's servers.
    pub const fn origins(self, origins: &'a [&'a str]) -> Self {
        Self { origins, ..self }
    }

    /// Sets origins and sockets that connector.toml allows, besides `origins`. They may be called even if
    /// they are private.
    pub const fn named(self, named: &'a [&'a str]) -> Self {
        Self { named, ..self }
    }

    /// Sets additional certificate authorities, as PEM certificates, besides those of the machine.
    pub const fn authorities(self, authorities: &'a [&'a str]) -> Self {
        Self { authorities, ..self }
    }

    /// Sets which tools clients see, unless the user of the connector chooses otherwise.
    pub const fn surface(self, surface: SurfaceKind) -> Self {
        Self { surface, ..self }
    }

    /// Sets the tools that the `promoted` surface lists.
    pub const fn promoted(self, promoted: &'a [&'a str]) -> Self {
        Self { promoted, ..self }
    }

    /// Sets the limits on the calls of each caller.
    pub const fn rates(self, rates: &'a [RateLimit<'a>]) -> Self {
        Self { rates, ..self }
    }

    /// Sets the rules for the replies of tools.
    pub const fn replies(self, replies: &'a [ReplyRow<'a>]) -> Self {
        Self { replies, ..self }
    }

    /// Sets the prompts.
    pub const fn prompts(self, prompts: &'a [Prompt<'a>]) -> Self {
        Self { prompts, ..self }
    }

    /// Lets clients read pages about the connector as resources.
    pub const fn documented(self, documentation: bool) -> Self {
        Self { documentation, ..self }
    }

    /// Sets the time limits of calls.
    pub const fn timeouts(self, timeouts: TimeLimits) -> Self {
        Self { timeouts, ..self }
    }

    /// Sets how often requests are repeated.
    pub const fn retry(self, retry: RetryLimits) -> Self {
        Self { retry, ..self }
    }

    /// The connector's name.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// Every tool, group by group.
    pub fn tools(&self) -> impl Iterator<Item = &'a Tool<'a>> + use<'a> {
        self.groups.iter().flat_map(|group| group.tools.iter().copied())
    }

    /// The tools that clients can call. The others are only resources.
    pub(crate) fn called_tools(&self) -> impl Iterator<Item = &'a Tool<'a>> + use<'a> {
        self.tools().filter(|tool| tool.is_tool())
    }

    /// The schema of that name in the pool.
    pub(crate) fn schema(&self, name: &str) -> Option<&'a str> {
        find(self.schemas, name)
    }

    /// The schema of that name in the pool of reply schemas.
    pub(crate) fn received_schema(&self, name: &str) -> Option<&'a str> {
        find(self.received, name)
    }
}
