//! The identity that a server has established for a request.

use super::caller::{Caller, Channel, Principal};

/// An authenticated principal, with the scopes and claims of its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The authenticated person or service.
    pub principal: Principal,
    /// The scopes of the token.
    pub scopes: Vec<String>,
    /// The claims of an access token that rights can name, as strings: each string, each number, and each item of an array.
    pub claims: Vec<(String, String)>,
    /// The time at which the token expires, in seconds since 1970.
    pub expires: Option<u64>,
}

impl Identity {
    /// Converts the identity into a caller.
    pub(crate) fn caller(&self, channel: Channel) -> Caller {
        let caller = Caller::new(self.principal.clone(), channel).with_scopes(self.scopes.clone());
        if self.claims.is_empty() { caller } else { caller.with_claims(self.claims.clone()) }
    }
}
