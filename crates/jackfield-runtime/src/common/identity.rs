//! The identity that a server has established for a request.

use super::caller::{Caller, Channel, Principal};

/// A principal that has authenticated, and what its token allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The person or service.
    pub principal: Principal,
    /// The scopes of the token.
    pub scopes: Vec<String>,
    /// The claims of an access token that rights can name: texts, numbers and each item of lists, as texts.
    pub claims: Vec<(String, String)>,
    /// When the token ends, in seconds since 1970.
    pub expires: Option<u64>,
}

impl Identity {
    /// Converts the identity into a caller.
    pub(crate) fn caller(&self, channel: Channel) -> Caller {
        let caller = Caller::new(self.principal.clone(), channel).with_scopes(self.scopes.clone());
        if self.claims.is_empty() { caller } else { caller.with_claims(self.claims.clone()) }
    }
}
