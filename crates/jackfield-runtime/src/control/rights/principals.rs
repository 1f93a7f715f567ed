//! The principals that a rule is for.

use crate::common::caller::Principal;

/// One entry of `principals`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum PrincipalPattern {
    /// `*`: every principal.
    Everyone,
    /// `token:*`: every static token.
    EveryToken,
    /// `ISSUER#*`: every subject of an issuer.
    EverySubject(String),
    /// One principal.
    One(Principal),
}

impl PrincipalPattern {
    /// Parses an entry that names no group.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "*" => Some(Self::Everyone),
            "token:*" => Some(Self::EveryToken),
            _ => match Principal::parse(text)? {
                Principal::Subject { issuer, subject } if subject == "*" => Some(Self::EverySubject(issuer)),
                // A principal with a wildcard would look as if it stood for several principals.
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
