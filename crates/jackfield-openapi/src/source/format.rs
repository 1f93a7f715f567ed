//! The formats of a document.

/// The format of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Strict JSON.
    Json,
    /// YAML, including JSON with comments or trailing commas.
    Yaml,
}
