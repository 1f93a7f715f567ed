//! How much a change matters.

use std::fmt;
use std::str::FromStr;

/// How much a change matters, from nothing to most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Nothing that reaches a model or a service changed.
    #[default]
    None,
    /// A text changed, and nothing else.
    Wording,
    /// Calls that worked still work, but something is new or happens in another way.
    Behaviour,
    /// Calls that worked before may be refused, or a tool, argument or value is gone.
    Breaking,
    /// More can be changed, reached or revealed than before, or a guard is weaker.
    Security,
}

impl Class {
    /// All classes of changes, the worst first.
    pub const CHANGES: [Self; 4] = [Self::Security, Self::Breaking, Self::Behaviour, Self::Wording];

    /// The name in reports and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Wording => "wording",
            Self::Behaviour => "behaviour",
            Self::Breaking => "breaking",
            Self::Security => "security",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not the name of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownClass;

impl fmt::Display for UnknownClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a class of changes: write security, breaking, behaviour, wording or none")
    }
}

impl std::error::Error for UnknownClass {}

impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(text: &str) -> Result<Self, UnknownClass> {
        let all = [Self::None].into_iter().chain(Self::CHANGES);
        all.into_iter().find(|class| class.as_str() == text).ok_or(UnknownClass)
    }
}
