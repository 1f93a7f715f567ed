//! `--wording`, of every command that makes tools.

/// How much tools say about themselves.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wording {
    /// What is needed to choose a tool and to call it
    Lean,
    /// Everything that the document says
    Full,
}

impl Wording {
    /// As it is written behind `--wording`.
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
