//! The rows that generated code declares: constants, built by const method calls.
//!
//! Rows are built by method calls and not by struct literals, so that a new fact about an operation does not break a
//! committed connector.

mod security;
mod setting;

use jackfield_recipe::{Effect, Step};

use crate::call::args::{ArgError, Args};
use crate::call::request::Request;

pub use jackfield_recipe::{ClientAuthentication, FlowKind};
pub(crate) use security::SchemeKind;
pub use security::{Client, Command, Flow, Need, Scheme};
pub use setting::ParameterSetting;

/// A mapping function: it fills a request from arguments.
pub type Bind = fn(&Args, &mut Request) -> Result<(), ArgError>;

/// How the arguments of a tool become a request.
#[derive(Clone, Copy)]
pub(crate) enum Mapping {
    /// Generated code.
    Function(Bind),
    /// A recipe that is interpreted, with the same steps.
    Recipe(&'static [Step]),
}

/// A tool made from one operation.
#[derive(Clone, Copy)]
pub struct Tool {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) mapping: Mapping,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    pub(crate) input: &'static str,
    pub(crate) output: &'static str,
    pub(crate) accept: &'static str,
    pub(crate) effect: Effect,
    pub(crate) idempotent: bool,
    pub(crate) server: Option<Server>,
    pub(crate) security: &'static [&'static [Need]],
}

impl Tool {
    /// A tool whose mapping is a generated function.
    pub const fn new(name: &'static str, method: &'static str, path: &'static str, bind: Bind) -> Self {
        Self::with(name, method, path, Mapping::Function(bind))
    }

    /// A tool whose mapping is interpreted, for previews of documents without generated code.
    pub const fn interpreted(
        name: &'static str,
        method: &'static str,
        path: &'static str,
        recipe: &'static [Step],
    ) -> Self {
        Self::with(name, method, path, Mapping::Recipe(recipe))
    }

    const fn with(name: &'static str, method: &'static str, path: &'static str, mapping: Mapping) -> Self {
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
            idempotent: false,
            server: None,
            security: &[],
        }
    }

    /// Sets the name that people read.
    pub const fn title(self, title: &'static str) -> Self {
        Self { title, ..self }
    }

    /// Sets the description by which a model chooses the tool.
    pub const fn description(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// Sets the JSON Schema of its arguments. `#/$defs/NAME` refers to the connector's pool.
    pub const fn input(self, input: &'static str) -> Self {
        Self { input, ..self }
    }

    /// Sets the JSON Schema of its structured content. `#/$defs/NAME` refers to the connector's pool of reply schemas.
    pub const fn output(self, output: &'static str) -> Self {
        Self { output, ..self }
    }

    /// Sets the media types that the tool accepts, if they are not JSON.
    pub const fn accept(self, accept: &'static str) -> Self {
        Self { accept, ..self }
    }

    /// Sets the effect on the service.
    pub const fn effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// Marks the tool as idempotent.
    pub const fn idempotent(self) -> Self {
        Self { idempotent: true, ..self }
    }

    /// Sets its own base URL, instead of the connector's.
    pub const fn server(self, url: &'static str) -> Self {
        self.served_by(Server::new(url))
    }

    /// Sets its own base URL, whose address may have variables.
    pub const fn served_by(self, server: Server) -> Self {
        Self { server: Some(server), ..self }
    }

    /// Sets the alternative security requirements, each a list of schemes that are needed together.
    pub const fn security(self, security: &'static [&'static [Need]]) -> Self {
        Self { security, ..self }
    }

    /// The tool's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The alternative security requirements.
    pub const fn alternatives(&self) -> &'static [&'static [Need]] {
        self.security
    }
}

/// Tools are equal if all their facts are. Mappings are not compared: functions have no equality, and an interpreted
/// recipe does the same as its function.
impl PartialEq for Tool {
    fn eq(&self, other: &Self) -> bool {
        let facts = |tool: &Self| {
            #[rustfmt::skip]
            let Self {
                name, method, path, mapping: _, title, description, input, output, accept, effect, idempotent, server, security,
            } = *tool;
            let texts = [name, method, path, title, description, input, output, accept];
            (texts, effect, idempotent, server, security)
        };
        facts(self) == facts(other)
    }
}

impl Eq for Tool {}

impl std::fmt::Debug for Tool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tool({}: {} {})", self.name, self.method, self.path)
    }
}

/// A base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    pub(crate) url: &'static str,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) variables: &'static [ServerVariable],
}

impl Server {
    /// The server at that URL, with variables in braces.
    pub const fn new(url: &'static str) -> Self {
        Self { url, name: "", description: "", variables: &[] }
    }

    /// Sets the name that the document gives it.
    pub const fn name(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// Sets the variables in its URL.
    pub const fn variables(self, variables: &'static [ServerVariable]) -> Self {
        Self { variables, ..self }
    }

    /// Sets the description in the document.
    pub const fn description(self, description: &'static str) -> Self {
        Self { description, ..self }
    }
}

/// A variable in a server URL, which the user may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerVariable {
    pub(crate) name: &'static str,
    pub(crate) default: Option<&'static str>,
    pub(crate) allowed: &'static [&'static str],
}

impl ServerVariable {
    /// The variable of that name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, default: None, allowed: &[] }
    }

    /// Sets its default.
    pub const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// Sets the values that it may have.
    pub const fn allowed(self, allowed: &'static [&'static str]) -> Self {
        Self { allowed, ..self }
    }
}

/// A schema of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

impl Schema {
    /// The schema of that name.
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text }
    }
}

/// The tools of one tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    pub(crate) tag: &'static str,
    pub(crate) description: &'static str,
    pub(crate) tools: &'static [&'static Tool],
}

impl Group {
    /// The tools of that tag.
    pub const fn new(tag: &'static str, tools: &'static [&'static Tool]) -> Self {
        Self { tag, description: "", tools }
    }

    /// Sets the description of the tag.
    pub const fn description(self, description: &'static str) -> Self {
        Self { description, ..self }
    }
}

/// Everything that was generated from one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connector {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    pub(crate) servers: &'static [Server],
    pub(crate) schemes: &'static [Scheme],
    pub(crate) groups: &'static [Group],
    pub(crate) schemas: &'static [Schema],
    pub(crate) received: &'static [Schema],
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) settings: &'static [ParameterSetting],
    pub(crate) origins: &'static [&'static str],
    pub(crate) named: &'static [&'static str],
    pub(crate) authorities: &'static [&'static str],
}

impl Connector {
    /// The connector of that name.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            title: "",
            description: "",
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
        }
    }

    /// Sets the document's title.
    pub const fn title(self, title: &'static str) -> Self {
        Self { title, ..self }
    }

    /// Sets the document's description.
    pub const fn description(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// Sets the servers. The first is used unless the user chooses another.
    pub const fn servers(self, servers: &'static [Server]) -> Self {
        Self { servers, ..self }
    }

    /// Sets the security schemes.
    pub const fn schemes(self, schemes: &'static [Scheme]) -> Self {
        Self { schemes, ..self }
    }

    /// Sets the tools, by tag.
    pub const fn groups(self, groups: &'static [Group]) -> Self {
        Self { groups, ..self }
    }

    /// Sets the schema pool, sorted by name.
    pub const fn schemas(self, schemas: &'static [Schema]) -> Self {
        Self { schemas, ..self }
    }

    /// Sets the pool of reply schemas, sorted by name.
    pub const fn received(self, received: &'static [Schema]) -> Self {
        Self { received, ..self }
    }

    /// Sets headers that every request has, such as the version of the API.
    pub const fn headers(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    /// Sets the parameters that are settings instead of arguments.
    pub const fn settings(self, settings: &'static [ParameterSetting]) -> Self {
        Self { settings, ..self }
    }

    /// Sets origins that credentials may go to, besides the document's servers.
    pub const fn origins(self, origins: &'static [&'static str]) -> Self {
        Self { origins, ..self }
    }

    /// Sets origins and sockets that connector.toml names, besides `origins`. They may be called however private they
    /// are.
    pub const fn named(self, named: &'static [&'static str]) -> Self {
        Self { named, ..self }
    }

    /// Sets further authorities to trust, as PEM certificates, besides those of the machine.
    pub const fn authorities(self, authorities: &'static [&'static str]) -> Self {
        Self { authorities, ..self }
    }

    /// The connector's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Every tool, group by group.
    pub fn tools(&self) -> impl Iterator<Item = &'static Tool> + use<> {
        self.groups.iter().flat_map(|group| group.tools.iter().copied())
    }

    /// The schema of that name in the pool.
    pub(crate) fn schema(&self, name: &str) -> Option<&'static str> {
        find(self.schemas, name)
    }

    /// The schema of that name in the pool of reply schemas.
    pub(crate) fn received_schema(&self, name: &str) -> Option<&'static str> {
        find(self.received, name)
    }
}

fn find(pool: &'static [Schema], name: &str) -> Option<&'static str> {
    pool.binary_search_by_key(&name, |schema| schema.name).ok().map(|at| pool[at].text)
}
