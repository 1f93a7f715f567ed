//! What a server says between calls, for those that may hear it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jackfield_runtime::{LogFeed, LogMessage, Principal, ResourceUpdates};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::wire::announced::Announced;

/// The log messages between calls that a session may send in a second, and the announcements of resources.
const MOST_IN_SECOND: u32 = 50;

/// Passes on what a server says in one session between its calls.
pub(super) struct Announcements {
    logs: LogFeed,
    updates: ResourceUpdates,
    /// The principal whose session it is. `None` if all share it.
    only: Option<Principal>,
    /// Told when the lists have changed.
    changed: Arc<Notify>,
    spent: Mutex<(Instant, u32)>,
}

impl Announcements {
    pub(super) fn new(
        logs: LogFeed,
        updates: ResourceUpdates,
        only: Option<Principal>,
        changed: Arc<Notify>,
    ) -> Self {
        Self { logs, updates, only, changed, spent: Mutex::new((Instant::now(), 0)) }
    }

    /// Whether one more message may pass in this second.
    fn may_pass(&self) -> bool {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.0.elapsed() >= Duration::from_secs(1) {
            *spent = (Instant::now(), 0);
        }
        spent.1 += 1;
        spent.1 <= MOST_IN_SECOND
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
}
