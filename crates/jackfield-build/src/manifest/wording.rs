use serde::Deserialize;

/// How long the descriptions of tools are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wording {
    /// Only the text that a model needs to choose and call a tool.
    #[default]
    Lean,
    /// All text of the document.
    Full,
}
