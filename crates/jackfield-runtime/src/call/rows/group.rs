//! The tools of a tag, and the schemas that tools share.

use super::tool::Tool;

/// A schema of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

impl<'a> Schema<'a> {
    /// The schema of that name.
    pub const fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, text }
    }
}

/// The tools of one tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group<'a> {
    pub(crate) tag: &'a str,
    pub(crate) description: &'a str,
    pub(crate) tools: &'a [&'a Tool<'a>],
}

impl<'a> Group<'a> {
    /// The tools of that tag.
    pub const fn new(tag: &'a str, tools: &'a [&'a Tool<'a>]) -> Self {
        Self { tag, description: "", tools }
    }

    /// Sets the description of the tag.
    pub const fn description(self, description: &'a str) -> Self {
        Self { description, ..self }
    }
}
