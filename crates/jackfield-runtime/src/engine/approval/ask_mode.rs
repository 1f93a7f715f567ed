//! The calls for which a server asks a person.

use std::fmt;
use std::str::FromStr;

use jackfield_recipe::{Ask, Effect};

use crate::call::rows::Connector;

/// The calls for which a server asks a person. Settings of tools in connector.toml override the mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AskMode {
    /// Asks about calls that destroy something.
    Destroy,
    /// Asks about calls that write or destroy something.
    Writes,
    /// Asks about no calls.
    Never,
    /// Asks about calls that destroy something, if the client supports elicitation. Other clients decide with their own permission prompt.
    Auto,
}

/// Whether a call needs an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needed {
    No,
    /// Needed only if the client supports elicitation.
    IfAskable,
    Yes,
}

impl AskMode {
    /// All modes.
    pub const ALL: [Self; 4] = [Self::Destroy, Self::Writes, Self::Never, Self::Auto];

    /// Returns the mode as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Destroy => "destroy",
            Self::Writes => "writes",
            Self::Never => "never",
            Self::Auto => "auto",
        }
    }

    /// Returns a note for the user, if the mode is `Auto` and the connector has tools that destroy something.
    pub fn note(self, connector: &Connector<'_>) -> Option<&'static str> {
        let destroys = connector.tools().any(|tool| tool.effect == Effect::Destroy);
        (self == Self::Auto && destroys).then_some(
            "calls that destroy something are asked about if the client supports elicitation; other clients decide with \
             their own permission prompt (--ask destroy makes these calls wait for an approval)",
        )
    }

    /// Returns whether a call of a tool with this `ask` setting and effect needs an approval. The setting of a tool overrides the mode,
    /// because it is more specific.
    pub(crate) const fn needs(self, ask: Ask, effect: Effect) -> Needed {
        match (ask, self, effect) {
            (Ask::Always, ..)
            | (Ask::ByEffect, Self::Destroy, Effect::Destroy)
            | (Ask::ByEffect, Self::Writes, Effect::Write | Effect::Destroy) => Needed::Yes,
            (Ask::ByEffect, Self::Auto, Effect::Destroy) => Needed::IfAskable,
            _ => Needed::No,
        }
    }
}

impl fmt::Display for AskMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AskMode {
    type Err = UnknownAskMode;

    fn from_str(text: &str) -> Result<Self, UnknownAskMode> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.as_str() == text)
            .ok_or_else(|| UnknownAskMode(text.to_owned()))
    }
}

/// The text is not the name of a mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownAskMode(String);

impl fmt::Display for UnknownAskMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` does not name the calls to ask about: use destroy, writes, never or auto", self.0)
    }
}

impl std::error::Error for UnknownAskMode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approval_setting_of_a_tool_overrides_the_general_mode() {
        use Effect::{Destroy, Read, Write};
        for (mode, asked) in [
            (AskMode::Destroy, [Needed::No, Needed::No, Needed::Yes]),
            (AskMode::Writes, [Needed::No, Needed::Yes, Needed::Yes]),
            (AskMode::Never, [Needed::No, Needed::No, Needed::No]),
            (AskMode::Auto, [Needed::No, Needed::No, Needed::IfAskable]),
        ] {
            assert_eq!(
                [Read, Write, Destroy].map(|effect| mode.needs(Ask::ByEffect, effect)),
                asked,
                "{mode}"
            );
            for effect in [Read, Write, Destroy] {
                assert_eq!(mode.needs(Ask::Always, effect), Needed::Yes, "{mode}");
                assert_eq!(mode.needs(Ask::Never, effect), Needed::No, "{mode}");
            }
            assert_eq!(mode.as_str().parse(), Ok(mode));
        }
        assert!("always".parse::<AskMode>().is_err());
    }
}
