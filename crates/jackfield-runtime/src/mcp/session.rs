//! The state of one connection or HTTP session.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};

use rmcp::model::ErrorData;
use tokio::sync::watch;

use crate::common::caller::Principal;
use crate::engine::client_log::LogLevel;

/// The most resources that a session may subscribe to.
const MAX_SUBSCRIPTIONS: usize = 1000;

/// The notifications that a client of a revision with sessions has asked for.
#[derive(Debug)]
pub(super) struct Session {
    /// The principal that opened the session.
    owner: OnceLock<Principal>,
    level: Mutex<Option<LogLevel>>,
    subscriptions: Mutex<BTreeSet<String>>,
    /// Dropped with the session, so that its tasks end.
    alive: watch::Sender<()>,
}

impl Session {
    pub(super) fn new() -> Self {
        let (level, subscriptions) = (Mutex::default(), Mutex::default());
        Self { owner: OnceLock::new(), level, subscriptions, alive: watch::channel(()).0 }
    }

    /// Makes the first principal the owner of the session.
    ///
    /// # Errors
    /// The session belongs to another one: whoever learns the id of a session must not use it.
    pub(super) fn admit(&self, principal: &Principal) -> Result<(), ErrorData> {
        match self.owner.get_or_init(|| principal.clone()) == principal {
            true => Ok(()),
            false => Err(ErrorData::invalid_request("the session belongs to another caller: open one", None)),
        }
    }

    /// The least level of log messages that the client wants.
    pub(super) fn level(&self) -> Option<LogLevel> {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_level(&self, level: LogLevel) {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner) = Some(level);
    }

    /// # Errors
    /// There are too many subscriptions.
    pub(super) fn subscribe(&self, uri: String) -> Result<(), ErrorData> {
        let mut subscriptions = self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
        if subscriptions.len() >= MAX_SUBSCRIPTIONS && !subscriptions.contains(&uri) {
            return Err(ErrorData::invalid_request(
                "too many subscriptions (limit 1000): unsubscribe first",
                None,
            ));
        }
        subscriptions.insert(uri);
        Ok(())
    }

    pub(super) fn unsubscribe(&self, uri: &str) {
        self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner).remove(uri);
    }

    pub(super) fn is_subscribed(&self, uri: &str) -> bool {
        self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner).contains(uri)
    }

    /// Receives an error when the session ends.
    pub(super) fn end(&self) -> watch::Receiver<()> {
        self.alive.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_serves_only_the_principal_that_opened_it() {
        let session = Session::new();
        let robot = |name: &str| Principal::Token(name.to_owned());
        assert!(session.admit(&robot("a")).is_ok() && session.admit(&robot("a")).is_ok());
        assert!(session.admit(&robot("b")).is_err() && session.admit(&Principal::Local).is_err());
    }

    #[test]
    fn subscriptions_of_a_session_are_bounded() {
        let session = Session::new();
        for at in 0..MAX_SUBSCRIPTIONS {
            session.subscribe(at.to_string()).unwrap();
        }
        assert!(session.subscribe("0".to_owned()).is_ok());
        assert!(session.subscribe("one more".to_owned()).is_err());
        session.unsubscribe("0");
        assert!(session.subscribe("one more".to_owned()).is_ok() && !session.is_subscribed("0"));
    }
}
