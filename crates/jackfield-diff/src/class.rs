//! The classes of changes, by how much a change matters.

use std::fmt;
use std::str::FromStr;

/// The class of a change, by how much the change matters. Later classes are worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Models and services notice no difference.
    #[default]
    None,
    /// Only a text changed.
    Wording,
    /// Calls that worked still work, but something is new or works differently.
    Behaviour,
    /// Calls that worked may be refused, or a tool, argument or value was removed.
    Breaking,
    /// Calls can change, reach or reveal more than before, or a protection is weaker.
    Security,
}

impl Class {
    /// All classes except `None`, the worst first.
    pub const CHANGES: [Self; 4] = [Self::Security, Self::Breaking, Self::Behaviour, Self::Wording];

    /// Returns the name in reports and on the command line.
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

/// The error for a text that is not the name of a class.
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
