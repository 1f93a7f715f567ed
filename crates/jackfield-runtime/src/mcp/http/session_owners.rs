//! The owners of sessions: a session serves only the principal that opened it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use http::HeaderMap;

use crate::common::identity::Identity;

/// The header that names a session.
pub(super) const SESSION_ID: &str = "mcp-session-id";

/// The most sessions. A client whose session was forgotten opens another one.
const MAX_SESSIONS: usize = 4096;

/// The sessions of callers with an identity, oldest first.
#[derive(Default)]
pub(super) struct SessionOwners(Mutex<VecDeque<(String, Identity)>>);

impl SessionOwners {
    /// Records the session that an answer opens.
    pub(super) fn record(&self, headers: &HeaderMap, owner: &Identity) {
        let Some(id) = headers.get(SESSION_ID).and_then(|id| id.to_str().ok()) else { return };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.iter().any(|(session, _)| session == id) {
            return;
        }
        if known.len() >= MAX_SESSIONS {
            known.pop_front();
        }
        known.push_back((id.to_owned(), owner.clone()));
    }

    /// Whether a request may use the session that it names.
    pub(super) fn allow(&self, headers: &HeaderMap, caller: &Identity) -> bool {
        let mut ids = headers.get_all(SESSION_ID).iter();
        let Some(id) = ids.next() else { return true };
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_owner = |(session, owner): &(String, Identity)| {
            session.as_bytes() == id.as_bytes() && owner.principal == caller.principal
        };
        ids.next().is_none() && known.iter().any(is_owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::caller::Principal;

    fn identity(name: &str) -> Identity {
        Identity { principal: Principal::Token(name.to_owned()), scopes: Vec::new(), expires: None }
    }

    fn headers(ids: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        ids.iter().for_each(|id| _ = headers.append(SESSION_ID, id.parse().unwrap()));
        headers
    }

    #[test]
    fn session_serves_only_its_owner() {
        let owners = SessionOwners::default();
        owners.record(&headers(&["s1"]), &identity("a"));
        owners.record(&headers(&["s2"]), &identity("b"));
        // The answer to a request in a session does not change its owner.
        owners.record(&headers(&["s1"]), &identity("b"));
        for (ids, caller, is_allowed) in [
            (&[][..], "b", true),
            (&["s1"], "a", true),
            (&["s2"], "b", true),
            (&["s1"], "b", false),
            (&["s3"], "a", false),
            (&["s1", "s2"], "a", false),
        ] {
            assert_eq!(owners.allow(&headers(ids), &identity(caller)), is_allowed, "{ids:?} {caller}");
        }
    }
}
