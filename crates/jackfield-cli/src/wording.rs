//! The option `--wording` of every command that creates tools.

/// The length of the descriptions of tools.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wording {
    /// Only the text that a model needs to choose and call a tool
    Lean,
    /// All text of the document
    Full,
}

impl Wording {
    /// Returns the value on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Lean => "lean",
            Self::Full => "full",
        }
    }
}

impl From<Wording> for jackfield_build::Wording {
    fn from(wording: Wording) -> Self {
        match wording {
            Wording::Lean => Self::Lean,
            Wording::Full => Self::Full,
        }
    }
}
