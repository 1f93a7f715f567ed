//! The table entry of a schema.

/// A schema in a schema pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

impl<'a> Schema<'a> {
    /// Creates a schema with a name and its JSON text.
    pub const fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, text }
    }
}

/// Returns the text of the schema with the given name in a pool that is sorted by name.
pub(super) fn find<'a>(pool: &'a [Schema<'a>], name: &str) -> Option<&'a str> {
    pool.binary_search_by_key(&name, |schema| schema.name).ok().map(|at| pool[at].text)
}
