//! Limits connections: few may be unauthenticated, and more may be authenticated.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// The time limit for a connection to send a valid token.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum number of unauthenticated connections. One more closes the oldest, so that silent connections
/// do not exclude other clients.
const MAX_UNPROVEN: usize = 128;

/// The maximum number of authenticated connections. Each uses a file descriptor.
const MAX_PROVEN: usize = 256;

/// The connections of a server.
pub(super) struct Connections {
    /// The unauthenticated connections, oldest first. Dropping a sender closes its connection.
    unproven: Mutex<VecDeque<oneshot::Sender<()>>>,
    proven: Arc<Semaphore>,
}

/// A connection, and whether it is authenticated.
pub(super) struct Proof {
    connections: Arc<Connections>,
    shown: OnceLock<OwnedSemaphorePermit>,
}

impl Connections {
    pub(super) fn new() -> Arc<Self> {
        let proven = Arc::new(Semaphore::new(MAX_PROVEN));
        Arc::new(Self { unproven: Mutex::default(), proven })
    }

    /// Registers a connection. The receiver resolves when the connection is evicted while it is
    /// unauthenticated.
    pub(super) fn enter(self: &Arc<Self>) -> (Arc<Proof>, oneshot::Receiver<()>) {
        let (sender, evicted) = oneshot::channel();
        let mut unproven = self.unproven.lock().unwrap_or_else(PoisonError::into_inner);
        unproven.retain(|other| !other.is_closed());
        if unproven.len() >= MAX_UNPROVEN {
            unproven.pop_front();
        }
        unproven.push_back(sender);
        (Arc::new(Proof { connections: Arc::clone(self), shown: OnceLock::new() }), evicted)
    }
}

impl Proof {
    /// Marks the connection as authenticated. Returns false if too many others are.
    pub(super) fn show(&self) -> bool {
        if self.shown.get().is_some() {
            return true;
        }
        let Ok(permit) = Arc::clone(&self.connections.proven).try_acquire_owned() else { return false };
        // Another request on this connection may have marked it already.
        let _ = self.shown.set(permit);
        true
    }

    /// Returns when the connection has to be closed, because it sent no valid token in time.
    pub(super) async fn too_late(&self, evicted: oneshot::Receiver<()>) {
        tokio::select! {
            () = tokio::time::sleep(TOKEN_TIMEOUT) => {}
            _ = evicted => {}
        }
        if self.shown.get().is_some() {
            std::future::pending::<()>().await;
        }
    }
}
