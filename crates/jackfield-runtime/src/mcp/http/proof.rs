//! Limits the number of connections. The limit for connections without an accepted request is lower than the limit
//! for other connections.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::mcp::limits::{HttpLimit, HttpLimits};

/// The connections of a server.
pub(super) struct Connections {
    /// The connections that have not sent an accepted request, oldest first. Dropping a sender closes its connection.
    unproven: Mutex<VecDeque<oneshot::Sender<()>>>,
    /// The permits of connections with an accepted request. They are limited, because each connection uses a
    /// file descriptor.
    proven: Arc<Semaphore>,
    limits: HttpLimits,
}

/// A connection, and whether it has sent an accepted request.
pub(super) struct Proof {
    connections: Arc<Connections>,
    shown: OnceLock<OwnedSemaphorePermit>,
}

impl Connections {
    pub(super) fn new(limits: HttpLimits) -> Arc<Self> {
        let proven = Arc::new(Semaphore::new(limits.size(HttpLimit::Connections)));
        Arc::new(Self { unproven: Mutex::default(), proven, limits })
    }

    /// Registers a connection. The receiver resolves when the connection is evicted without having sent an accepted
    /// request. Beyond the limit, the oldest connection is evicted, so silent connections do not exclude other
    /// clients.
    pub(super) fn enter(self: &Arc<Self>) -> (Arc<Proof>, oneshot::Receiver<()>) {
        let (sender, evicted) = oneshot::channel();
        let mut unproven = self.unproven.lock().unwrap_or_else(PoisonError::into_inner);
        unproven.retain(|other| !other.is_closed());
        if unproven.len() >= self.limits.size(HttpLimit::NewConnections) {
            unproven.pop_front();
        }
        unproven.push_back(sender);
        (Arc::new(Proof { connections: Arc::clone(self), shown: OnceLock::new() }), evicted)
    }
}

impl Proof {
    /// Records that the connection has sent an accepted request. Returns false if too many such connections
    /// are open.
    pub(super) fn show(&self) -> bool {
        if self.shown.get().is_some() {
            return true;
        }
        let Ok(permit) = Arc::clone(&self.connections.proven).try_acquire_owned() else { return false };
        // Another request on this connection may have stored its permit first.
        let _ = self.shown.set(permit);
        true
    }

    /// Completes when the connection has to be closed because it sent no accepted request in time. Logs the
    /// reason, because there is no request to answer.
    pub(super) async fn too_late(&self, evicted: oneshot::Receiver<()>) {
        let limits = self.connections.limits;
        let limit = tokio::select! {
            () = tokio::time::sleep(limits.time(HttpLimit::ReadTimeout)) => HttpLimit::ReadTimeout,
            _ = evicted => HttpLimit::NewConnections,
        };
        if self.shown.get().is_some() {
            std::future::pending::<()>().await;
        }
        let (value, flag) = (limits.get(limit), limit.flag());
        tracing::debug!("a connection without an accepted request was closed (limit {value}, set by {flag})");
    }
}
