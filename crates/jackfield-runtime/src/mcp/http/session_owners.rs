//! Remembers the owners of sessions. A session serves only the principal that opened it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use http::HeaderMap;

use crate::common::caller::Principal;
use crate::common::identity::Identity;

/// The header with the id of a session.
pub(super) const SESSION_ID: &str = "mcp-session-id";

/// The owners of the sessions of authenticated callers.
///
/// The owner of a session is remembered while the session is open, so no caller can evict the owner of another
/// session by opening sessions.
pub(super) struct SessionOwners {
    owners: Mutex<HashMap<String, Principal>>,
    /// The number of remembered sessions at which closed sessions are removed. It is higher than the maximum
    /// number of open sessions.
    most: usize,
}

impl SessionOwners {
    /// Creates an empty record of owners, for at most `max_sessions` open sessions.
    pub(super) fn new(max_sessions: usize) -> Self {
        Self { owners: Mutex::default(), most: max_sessions.saturating_mul(2) }
    }

    /// Records the owner of the session that an answer opens. Returns whether [`retain`](Self::retain) has to be
    /// called.
    pub(super) fn record(&self, headers: &HeaderMap, owner: &Identity) -> bool {
        let Some(id) = session_in(headers) else { return false };
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        if !owners.contains_key(id) {
            owners.insert(id.to_owned(), owner.principal.clone());
        }
        owners.len() >= self.most
    }

    /// Removes the session that a request has ended.
    pub(super) fn forget(&self, headers: &HeaderMap) {
        if let Some(id) = session_in(headers) {
            self.owners.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        }
    }

    /// Removes all sessions that are not in `open`.
    pub(super) fn retain(&self, open: &HashSet<String>) {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| open.contains(id));
    }

    /// Whether `caller` may use the session in the headers of a request.
    pub(super) fn allow(&self, headers: &HeaderMap, caller: &Identity) -> bool {
        if !headers.contains_key(SESSION_ID) {
            return true;
        }
        let owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let owner = session_in(headers).and_then(|id| owners.get(id));
        owner.is_some_and(|owner| *owner == caller.principal)
    }
}

/// The session id in the headers, if there is exactly one.
pub(super) fn session_in(headers: &HeaderMap) -> Option<&str> {
    let mut ids = headers.get_all(SESSION_ID).iter();
    let (id, None) = (ids.next()?, ids.next()) else { return None };
    id.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(name: &str) -> Identity {
        let principal = Principal::Token(name.to_owned());
        Identity { principal, scopes: Vec::new(), claims: Vec::new(), expires: None }
    }

    fn headers(ids: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        ids.iter().for_each(|id| _ = headers.append(SESSION_ID, id.parse().unwrap()));
        headers
    }

    #[test]
    fn session_serves_only_its_owner() {
        let owners = SessionOwners::new(10);
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
            (&["s1", "s1"], "a", false),
        ] {
            assert_eq!(owners.allow(&headers(ids), &identity(caller)), is_allowed, "{ids:?} {caller}");
        }
    }

    #[test]
    fn open_session_keeps_its_owner_while_other_sessions_open_and_end() {
        let owners = SessionOwners::new(4);
        owners.record(&headers(&["kept"]), &identity("a"));
        let open = HashSet::from(["kept".to_owned()]);
        for at in 0..10_000 {
            if owners.record(&headers(&[&format!("s{at}")]), &identity("b")) {
                owners.retain(&open);
            }
            assert!(owners.owners.lock().unwrap().len() <= 8);
        }
        assert!(owners.allow(&headers(&["kept"]), &identity("a")));
    }

    #[test]
    fn owner_of_an_ended_session_is_dropped() {
        let owners = SessionOwners::new(4);
        owners.record(&headers(&["s1"]), &identity("a"));
        owners.forget(&headers(&["s1"]));
        assert!(!owners.allow(&headers(&["s1"]), &identity("a")));
        assert!(owners.owners.lock().unwrap().is_empty());
    }
}
