//! The principals that a rule applies to.

use crate::common::caller::Principal;

/// A pattern in `principals`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum PrincipalPattern {
    /// `*`: every principal.
    Everyone,
    /// `token:*`: every static token.
    EveryToken,
    /// `ISSUER#*`: every subject of an issuer.
    EverySubject(String),
    /// A single principal.
    One(Principal),
}

impl PrincipalPattern {
    /// Parses a pattern. A group is not a pattern.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "*" => Some(Self::Everyone),
            "token:*" => Some(Self::EveryToken),
            _ => match Principal::parse(text)? {
                Principal::Subject { issuer, subject } if subject == "*" => Some(Self::EverySubject(issuer)),
                // A token name that contains `*` would look like a pattern for several tokens.
                Principal::Token(name) if name.contains('*') => None,
                principal => Some(Self::One(principal)),
            },
        }
    }

    pub(super) fn fits(&self, principal: &Principal) -> bool {
        match (self, principal) {
            (Self::Everyone, _) | (Self::EveryToken, Principal::Token(_)) => true,
            (Self::EverySubject(of), Principal::Subject { issuer, .. }) => of == issuer,
            (Self::One(one), principal) => one == principal,
            _ => false,
        }
    }
}
