//! Attaches connectors and sources to a program's endpoint, and sets parts of programs that serve many callers.

use std::sync::Arc;

use super::attached::Attached;
use super::program::Program;
use crate::call::held_rows::ConnectorRows;
use crate::common::caller::Principal;
use crate::engine::joined::attached_name::AttachedName;
use crate::engine::source::Source;
#[cfg(feature = "serve")]
use crate::mcp::http::pages::Pages;

impl Program {
    /// Attaches a connector. Clients see its tools, resources and prompts with this name as a prefix. The policies of this program
    /// decide about its calls. It keeps its own credentials, time limits and slots.
    #[must_use]
    pub fn attach(mut self, name: AttachedName, rows: impl Into<ConnectorRows>) -> Self {
        self.attached.push(Attached::connector(name, rows, None));
        self
    }

    /// Attaches a source, such as another MCP server. Clients see its tools, resources and prompts with this name as a prefix. The policies
    /// of this program decide about its calls.
    #[must_use]
    pub fn attach_source(mut self, name: AttachedName, source: Arc<dyn Source>) -> Self {
        self.attached.push(Attached::source(name, source));
        self
    }

    /// Attaches several connectors and sources.
    #[must_use]
    pub fn attach_all(mut self, attached: impl IntoIterator<Item = Attached>) -> Self {
        self.attached.extend(attached);
        self
    }

    /// Makes the `auth` commands manage the account of a principal. The principal logs in with `command`.
    #[must_use]
    pub fn account_of(mut self, principal: Principal, command: impl Into<String>) -> Self {
        self.account = Some((principal, command.into()));
        self
    }

    /// Adds pages for browsers to the server, which are served if callers have individual tokens.
    #[cfg(feature = "serve")]
    #[must_use]
    pub fn with_pages(mut self, pages: Arc<dyn Pages>) -> Self {
        self.pages = Some(pages);
        self
    }
}
