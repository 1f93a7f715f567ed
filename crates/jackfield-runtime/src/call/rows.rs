//! The tool and scheme tables that generated code declares: constants with the lifetime `'static`, built by
//! const method calls. `jackfield preview` builds the same tables at run time, and they live as long as their
//! owner.
//!
//! The tables are built by method calls instead of struct literals, so that committed connectors still
//! compile after a property is added.

mod job;
mod mapping;
mod merge;
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
mod tool;
mod tool_group;

use jackfield_recipe::{RetryLimits, SurfaceKind, TimeLimits};

pub use jackfield_recipe::{ClientAuthentication, FlowKind};
pub use job::Job;
pub use mapping::Bind;
pub(crate) use mapping::Mapping;
pub use merge::Merge;
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
pub use tool::Tool;
pub use tool_group::Group;

/// Everything that was generated from one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connector<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    /// The text that clients give to models, instead of the description; empty if there is none.
    pub(crate) instructions: &'a str,
    pub(crate) servers: &'a [Server<'a>],
    /// The tools that call one of several operations each.
    pub(crate) merges: &'a [Merge<'a>],
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
            merges: &[],
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

    /// Sets the tools that call one of several operations each.
    pub const fn merges(self, merges: &'a [Merge<'a>]) -> Self {
        Self { merges, ..self }
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

    /// Sets how often requests are retried.
    pub const fn retry(self, retry: RetryLimits) -> Self {
        Self { retry, ..self }
    }

    /// The connector's name.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The row of every operation, group by group. Clients call a merged one through another tool.
    pub fn tools(&self) -> impl Iterator<Item = &'a Tool<'a>> + use<'a> {
        self.groups.iter().flat_map(|group| group.tools.iter().copied())
    }

    /// The operations that clients call as tools of their own. The others are merged into a tool, or only resources.
    pub(crate) fn called_tools(&self) -> impl Iterator<Item = &'a Tool<'a>> + use<'a> {
        self.tools().filter(|tool| tool.is_called())
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
