//! A suggested line.

/// A line of connector.toml with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestedLine {
    /// The table. Empty for the lines before the first table.
    pub table: String,
    /// The line.
    pub line: String,
    /// The reason.
    pub reason: String,
}
