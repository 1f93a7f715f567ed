//! The table entry of a group of tools.

use super::tool::Tool;

/// The tools with one tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group<'a> {
    pub(crate) tag: &'a str,
    pub(crate) description: &'a str,
    pub(crate) tools: &'a [&'a Tool<'a>],
}

impl<'a> Group<'a> {
    /// Creates a group of the tools with the given tag.
    pub const fn new(tag: &'a str, tools: &'a [&'a Tool<'a>]) -> Self {
        Self { tag, description: "", tools }
    }

    /// Sets the description of the tag.
    pub const fn description(self, description: &'a str) -> Self {
        Self { description, ..self }
    }
}
