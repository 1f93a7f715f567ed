//! Announcements of changed resources.

use std::fmt;

use tokio::sync::broadcast;

/// The maximum number of announcements that a slow session may lag behind. Older announcements are lost for
/// that session.
const KEPT: usize = 256;

/// Announces changed resources to the clients that subscribed to them. Clones announce to the same clients.
#[derive(Clone)]
pub struct ResourceUpdates(broadcast::Sender<String>);

impl ResourceUpdates {
    /// Creates a sender of announcements without listeners.
    pub fn new() -> Self {
        Self(broadcast::channel(KEPT).0)
    }

    /// Announces that the resource at that address has changed.
    pub fn announce(&self, uri: impl Into<String>) {
        // An error only means that no client listens.
        let _ = self.0.send(uri.into());
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<String> {
        self.0.subscribe()
    }
}

impl Default for ResourceUpdates {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ResourceUpdates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResourceUpdates({} listeners)", self.0.receiver_count())
    }
}
