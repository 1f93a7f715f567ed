//! The setting that decides whether calls of a tool need an approval, regardless of the server's `--ask` option.

use std::fmt;

/// Whether calls of a tool need the approval of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ask {
    /// The server decides by the effect of the tool.
    #[default]
    ByEffect,
    /// Every call needs an approval.
    Always,
    /// Calls never need an approval.
    Never,
}

impl Ask {
    /// Returns the word in messages and in jackfield.lock. connector.toml has no word for `by effect`, which is the default.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ByEffect => "by effect",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
