use serde::Deserialize;

/// How much tools say about themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wording {
    /// Only the words that a model needs to choose and call a tool.
    #[default]
    Lean,
    /// Everything that the document says.
    Full,
}
