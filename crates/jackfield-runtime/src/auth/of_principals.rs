//! The credentials of callers other than the local user: credentials of the connector, or credentials stored
//! for each caller.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::common::caller::Principal;

/// The maximum number of principals with a cached source. An evicted source reads its credentials from the
/// vault again.
const MOST_KEPT: usize = 1024;

/// Whose credentials a server uses for callers other than the local user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallerCredentials {
    /// Each principal has credentials of its own, or none.
    #[default]
    PerPrincipal,
    /// Every caller uses the credentials of the connector.
    Service,
}

/// The sources of principals that have made calls. They share only the HTTP client.
pub(super) struct PrincipalSources<S>(Mutex<HashMap<Principal, S>>);

impl<S> Default for PrincipalSources<S> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<S: Clone> PrincipalSources<S> {
    /// The source of the principal. `make` creates it at the principal's first call.
    pub(super) fn of(&self, principal: &Principal, make: impl FnOnce() -> S) -> S {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = sources.get(principal) {
            return known.clone();
        }
        if sources.len() >= MOST_KEPT {
            sources.clear();
        }
        let source = make();
        sources.insert(principal.clone(), source.clone());
        source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_credential_sources_of_principals_are_bounded() {
        let sources = PrincipalSources::default();
        for number in 0..10_000 {
            let principal = Principal::Token(number.to_string());
            assert_eq!(sources.of(&principal, || number), number);
            assert_eq!(sources.of(&principal, || unreachable!("it is kept")), number);
        }
        assert!(sources.0.lock().unwrap().len() <= MOST_KEPT);
    }
}
