//! The formats of a document.

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON, and nothing beyond it.
    Json,
    /// YAML, or what looks like JSON and is not quite.
    Yaml,
}
