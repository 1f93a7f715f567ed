//! `--wording`, of every command that makes tools.

/// How much tools say about themselves.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wording {
    /// What is needed to choose a tool and to call it
    Lean,
    /// Everything that the document says
    Full,
}

impl From<Wording> for jackfield_build::Wording {
    fn from(wording: Wording) -> Self {
        match wording {
            Wording::Lean => Self::Lean,
            Wording::Full => Self::Full,
        }
    }
}
