use serde::Deserialize;

/// The length of the descriptions of tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wording {
    /// Only the text that a model needs to choose and call a tool.
    #[default]
    Lean,
    /// All text of the document.
    Full,
}
