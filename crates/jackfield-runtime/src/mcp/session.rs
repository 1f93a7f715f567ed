//! The state of one connection or HTTP session.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rmcp::model::ErrorData;
use tokio::sync::watch;

use crate::engine::client_log::LogLevel;

/// The most resources that a session may subscribe to.
const MAX_SUBSCRIPTIONS: usize = 1000;

/// What a client of a revision with sessions has asked for.
#[derive(Debug)]
pub(super) struct Session {
    level: Mutex<Option<LogLevel>>,
    subscriptions: Mutex<BTreeSet<String>>,
    /// Dropped with the session, so that its tasks end.
    alive: watch::Sender<()>,
}

impl Session {
    pub(super) fn new() -> Self {
        Self { level: Mutex::default(), subscriptions: Mutex::default(), alive: watch::channel(()).0 }
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
