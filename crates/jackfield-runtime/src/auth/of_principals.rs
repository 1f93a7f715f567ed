//! The credentials of callers other than the local user. Either all callers use the connector's credentials, or each caller has separate
//! credentials.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::common::caller::Principal;

/// The maximum number of principals with a cached source. After an eviction, credentials are read from the vault
/// again.
const MOST_KEPT: usize = 1024;

/// The choice of the credentials that a server uses for callers other than the local user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallerCredentials {
    /// Each principal has credentials of its own, or none.
    #[default]
    PerPrincipal,
    /// Every caller uses the credentials of the connector.
    Service,
}

/// The sources of principals that have made calls. The sources share only the HTTP client.
pub(super) struct PrincipalSources<S>(Mutex<HashMap<Principal, S>>);

impl<S> Default for PrincipalSources<S> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<S: Clone> PrincipalSources<S> {
    /// Returns the cached source of a principal, or creates it with `make`.
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
    fn number_of_cached_credential_sources_is_bounded() {
        let sources = PrincipalSources::default();
        for number in 0..10_000 {
            let principal = Principal::Token(number.to_string());
            assert_eq!(sources.of(&principal, || number), number);
            assert_eq!(sources.of(&principal, || unreachable!("it is kept")), number);
        }
        assert!(sources.0.lock().unwrap().len() <= MOST_KEPT);
    }
}
