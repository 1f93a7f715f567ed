//! The tables that generated code declares: constants with the lifetime `'static`, which are built by const method calls. `jackfield
//! preview` builds the same tables at run time. Tables that are built at run time live as long as their owner.
//!
//! The tables are built by method calls instead of struct literals, so that committed connectors still compile when a property is added.

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
mod shown_tool;
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

/// A connector: all tables that were generated from one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connector<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    /// The text that clients give to models instead of the description. Empty if there is none.
    pub(crate) instructions: &'a str,
    pub(crate) servers: &'a [Server<'a>],
    /// The merged tools, each of which calls one of several operations.
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
    /// Creates a connector without tools.
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

    /// Sets the text that clients give to models instead of the description.
    pub const fn instructions(self, instructions: &'a str) -> Self {
        Self { instructions, ..self }
    }

    /// Sets the servers. The first server is used unless the user chooses another.
    pub const fn servers(self, servers: &'a [Server<'a>]) -> Self {
        Self { servers, ..self }
    }

    /// Sets the security schemes.
    pub const fn schemes(self, schemes: &'a [Scheme<'a>]) -> Self {
        Self { schemes, ..self }
    }

    /// Sets the merged tools, each of which calls one of several operations.
    pub const fn merges(self, merges: &'a [Merge<'a>]) -> Self {
        Self { merges, ..self }
    }

    /// Sets the tools, grouped by tag.
    pub const fn groups(self, groups: &'a [Group<'a>]) -> Self {
        Self { groups, ..self }
    }

    /// Sets the schema pool, which has to be sorted by name.
    pub const fn schemas(self, schemas: &'a [Schema<'a>]) -> Self {
        Self { schemas, ..self }
    }

    /// Sets the pool of reply schemas, which has to be sorted by name.
    pub const fn received(self, received: &'a [Schema<'a>]) -> Self {
        Self { received, ..self }
    }

    /// Sets headers that are sent with every request, such as the version of the API.
    pub const fn headers(self, headers: &'a [(&'a str, &'a str)]) -> Self {
        Self { headers, ..self }
    }

    /// Sets the parameters that are settings of the connector instead of arguments.
    pub const fn settings(self, settings: &'a [ParameterSetting<'a>]) -> Self {
        Self { settings, ..self }
    }

    /// Sets origins that credentials may be sent to, in addition to the document's servers.
    pub const fn origins(self, origins: &'a [&'a str]) -> Self {
        Self { origins, ..self }
    }

    /// Sets origins and sockets that connector.toml allows, in addition to `origins`. They may be called even if they are
    /// private.
    pub const fn named(self, named: &'a [&'a str]) -> Self {
        Self { named, ..self }
    }

    /// Sets PEM certificates of additional certificate authorities, which are trusted in addition to the authorities of the machine.
    pub const fn authorities(self, authorities: &'a [&'a str]) -> Self {
        Self { authorities, ..self }
    }

    /// Sets the surface, which determines the tools that clients see. The user of the connector can choose another surface.
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

    /// Sets the timeouts of calls.
    pub const fn timeouts(self, timeouts: TimeLimits) -> Self {
        Self { timeouts, ..self }
    }

    /// Sets the limits on retries.
    pub const fn retry(self, retry: RetryLimits) -> Self {
        Self { retry, ..self }
    }

    /// Returns the connector's name.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// Returns the table entries of all operations, group by group. Clients call a merged operation through another tool.
    pub fn tools(&self) -> impl Iterator<Item = &'a Tool<'a>> + use<'a> {
        self.groups.iter().flat_map(|group| group.tools.iter().copied())
    }

    /// Returns the operations for which the connector has a separate tool. Other operations are merged into a tool, or are only resources.
    pub(crate) fn called_tools(&self) -> impl Iterator<Item = &'a Tool<'a>> + use<'a> {
        self.tools().filter(|tool| tool.is_called())
    }

    /// Returns the schema with the given name in the pool.
    pub(crate) fn schema(&self, name: &str) -> Option<&'a str> {
        find(self.schemas, name)
    }

    /// Returns the schema with the given name in the pool of reply schemas.
    pub(crate) fn received_schema(&self, name: &str) -> Option<&'a str> {
        find(self.received, name)
    }
}
