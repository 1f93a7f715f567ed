use serde::Deserialize;

/// How much text the descriptions of tools have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wording {
    /// Only the text that a model needs to choose and call a tool.
    #[default]
    Lean,
    /// All text of the document.
    Full,
}
