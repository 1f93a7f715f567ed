//! Selects the credentials of a connector's callers.

use std::sync::Arc;

use super::local::LocalSource;
use super::of_principals::CallerCredentials;
use crate::common::caller::{Caller, Principal};

impl LocalSource {
    /// Sets whose credentials are used for callers other than the local user.
    #[must_use]
    pub(crate) fn for_callers(mut self, credentials: CallerCredentials) -> Self {
        self.callers = credentials;
        self
    }

    /// Returns the source of a caller's credentials, or `None` if the caller uses the credentials of this source.
    pub(super) fn source_of(&self, caller: &Caller) -> Option<LocalSource> {
        match (caller.principal(), self.callers) {
            (Principal::Local, _) | (_, CallerCredentials::Service) => None,
            (principal, CallerCredentials::PerPrincipal) => {
                Some(self.of_principals.of(principal, || self.of_principal(principal)))
            }
        }
    }

    /// Returns the source of the credentials that are stored for a principal. It reads no variables and runs no
    /// commands, because variables and commands belong to the connector.
    pub(crate) fn of_principal(&self, principal: &Principal) -> LocalSource {
        Self::with_store(self, Arc::new(self.store().of_principal(self.connector(), principal)))
    }

    /// Returns the source of a principal's own account. The accounts of all principals share the OAuth client of this source. A person logs
    /// in with `command`.
    #[must_use]
    pub fn account_of(&self, principal: &Principal, command: &str) -> LocalSource {
        Self::with_store(self, Arc::new(self.shared_store().of_account(self.connector(), principal, command)))
    }
}

#[cfg(test)]
mod tests;
