//! Forwards the messages that a server sends outside of calls to the clients that may receive them.

use std::sync::{Arc, Mutex, PoisonError};

use jackfield_runtime::{LogFeed, LogMessage, Pending, Principal, ResourceUpdates};
use serde_json::Value;
use tokio::sync::Notify;

use super::clients::Clients;
use super::session_key::key_of;
use crate::wire::announced::Announced;
use crate::wire::message_window::MessageWindow;

/// The maximum number of log messages and resource updates together that are forwarded from a session per second.
const MOST_IN_SECOND: u32 = 50;

/// Forwards the notifications that a server sends in one session outside of calls.
pub(super) struct Announcements {
    logs: LogFeed,
    updates: ResourceUpdates,
    /// The principal that the session belongs to. `None` if all principals share the session.
    only: Option<Principal>,
    /// Notified when the server announces changed lists.
    changed: Arc<Notify>,
    clients: Arc<Clients>,
    window: Mutex<MessageWindow>,
}

impl Announcements {
    pub(super) fn new(
        logs: LogFeed,
        updates: ResourceUpdates,
        only: Option<Principal>,
        changed: Arc<Notify>,
        clients: Arc<Clients>,
    ) -> Self {
        Self { logs, updates, only, changed, clients, window: Mutex::default() }
    }

    /// Counts a message. Returns whether it is within the rate limit.
    fn may_pass(&self) -> bool {
        self.window.lock().unwrap_or_else(PoisonError::into_inner).admits(MOST_IN_SECOND)
    }
}

impl Announced for Announcements {
    fn lists_changed(&self) {
        self.changed.notify_one();
    }

    fn resource_updated(&self, uri: &str) {
        if self.may_pass() {
            self.updates.announce(uri);
        }
    }

    fn log(&self, message: LogMessage) {
        if self.may_pass() {
            self.logs.send(message, self.only.clone());
        }
    }

    fn roots(&self) -> Pending<'static, Value> {
        let (clients, key) = (Arc::clone(&self.clients), key_of(self.only.as_ref()));
        Box::pin(async move { clients.roots(&key).await })
    }
}
