use serde::Deserialize;

/// How much tools say about themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wording {
    /// What is needed to choose a tool and to call it.
    #[default]
    Lean,
    /// Everything that the document says.
    Full,
}
