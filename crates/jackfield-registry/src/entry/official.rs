//! Facts about an entry that the registry states, not the publisher.

use std::fmt;

use serde_json::Value;

use super::error::EntryError;
use super::node::{NAME, Node, TEXT};
use crate::time::parse_time;

/// The member of `_meta` that only the registry writes.
const MEMBER: &str = "io.modelcontextprotocol.registry/official";

/// Facts about an entry that the registry states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Official {
    /// The status.
    pub status: Status,
    /// The reason for the status.
    pub status_message: Option<String>,
    /// When the status changed.
    pub status_changed_at: Option<String>,
    /// When this version was published.
    pub published_at: Option<String>,
    /// When the entry was changed.
    pub updated_at: Option<String>,
    /// Whether this is the latest version. `None` if the registry does not say so.
    pub is_latest: Option<bool>,
}

/// The status of an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It can be used.
    #[default]
    Active,
    /// The publisher advises against it.
    Deprecated,
    /// It was withdrawn.
    Deleted,
}

impl Status {
    /// Returns the name of the status in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deprecated => "deprecated",
            Self::Deleted => "deleted",
        }
    }

    pub(crate) fn of(text: &str) -> Option<Self> {
        [Self::Active, Self::Deprecated, Self::Deleted].into_iter().find(|status| status.as_str() == text)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Official {
    /// Reads the registry's part of a `_meta`. Everything is unknown if it has none.
    pub(super) fn parse(meta: &Node<'_>) -> Result<Self, EntryError> {
        let Some(value) = meta.member(MEMBER) else { return Ok(Self::default()) };
        let node = Node::of(value, meta.place(MEMBER))?;
        let status = match node.text("status", NAME)? {
            None => Status::Active,
            // A status that is not known yet is hardly "active".
            Some(text) => Status::of(&text)
                .ok_or_else(|| node.error("status", format!("the status {text:?} is not known")))?,
        };
        Ok(Self {
            status,
            status_message: node.text("statusMessage", TEXT)?,
            status_changed_at: time(&node, "statusChangedAt")?,
            published_at: time(&node, "publishedAt")?,
            updated_at: time(&node, "updatedAt")?,
            is_latest: node.member("isLatest").and_then(Value::as_bool),
        })
    }
}

fn time(node: &Node<'_>, name: &str) -> Result<Option<String>, EntryError> {
    let text = node.text(name, NAME)?;
    match &text {
        Some(time) if parse_time(time).is_none() => {
            Err(node.error(name, format!("{time:?} is not a time in the format of RFC 3339")))
        }
        _ => Ok(text),
    }
}
