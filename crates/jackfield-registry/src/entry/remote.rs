//! Servers that run elsewhere.

use std::collections::BTreeMap;

use super::error::EntryError;
use super::input::{Input, variables};
use super::node::Node;
use super::transport::Transport;

/// A server that runs elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The transport, with its URL and headers.
    pub transport: Transport,
    /// The variables of the URL.
    pub variables: BTreeMap<String, Input>,
}

impl Remote {
    /// Returns the URL, in which `{name}` stands for a variable.
    pub fn url(&self) -> &str {
        self.transport.url.as_deref().unwrap_or_default()
    }

    pub(super) fn parse(node: &Node<'_>) -> Result<Self, EntryError> {
        let transport = Transport::parse(node)?;
        if transport.url.is_none() {
            return Err(node.error("url", "the member \"url\" is missing"));
        }
        Ok(Self { transport, variables: variables(node)? })
    }
}
