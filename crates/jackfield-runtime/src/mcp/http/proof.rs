//! How many connections are open: few that have shown no token, and more that have.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// How long a connection may last before it has shown a token.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections without a token yet. One more closes the oldest: silent connections keep no client out.
const MOST_UNPROVEN: usize = 128;

/// Connections that have shown a token. Each costs a descriptor.
const MOST_PROVEN: usize = 256;

/// The connections of a server.
pub(super) struct Connections {
    /// Those that came without a token so far, the oldest first. Dropping a sender closes its connection.
    unproven: Mutex<VecDeque<oneshot::Sender<()>>>,
    proven: Arc<Semaphore>,
}

/// A connection, as far as it has shown a token.
pub(super) struct Proof {
    connections: Arc<Connections>,
    shown: OnceLock<OwnedSemaphorePermit>,
}

impl Connections {
    pub(super) fn new() -> Arc<Self> {
        let proven = Arc::new(Semaphore::new(MOST_PROVEN));
        Arc::new(Self { unproven: Mutex::default(), proven })
    }

    /// Takes in a connection. The receiver ends when it has to make room, if it has shown no token until then.
    pub(super) fn enter(self: &Arc<Self>) -> (Arc<Proof>, oneshot::Receiver<()>) {
        let (sender, evicted) = oneshot::channel();
        let mut unproven = self.unproven.lock().unwrap_or_else(PoisonError::into_inner);
        unproven.retain(|other| !other.is_closed());
        if unproven.len() >= MOST_UNPROVEN {
            unproven.pop_front();
        }
        unproven.push_back(sender);
        (Arc::new(Proof { connections: Arc::clone(self), shown: OnceLock::new() }), evicted)
    }
}

impl Proof {
    /// Notes that the connection has shown a token. False where too many others have.
    pub(super) fn show(&self) -> bool {
        if self.shown.get().is_some() {
            return true;
        }
        let Ok(permit) = Arc::clone(&self.connections.proven).try_acquire_owned() else { return false };
        // Another request on the connection may have been faster.
        let _ = self.shown.set(permit);
        true
    }

    /// Returns when the connection has to be closed, because it showed no token in time.
    pub(super) async fn too_late(&self, evicted: oneshot::Receiver<()>) {
        tokio::select! {
            () = tokio::time::sleep(PATIENCE) => {}
            _ = evicted => {}
        }
        if self.shown.get().is_some() {
            std::future::pending::<()>().await;
        }
    }
}
