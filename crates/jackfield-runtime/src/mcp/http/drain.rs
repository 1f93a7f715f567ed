//! Shuts a server down: new calls are refused, and calls in flight may finish.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// The time that clients have to read the last answers of a closing connection or server.
pub(super) const LAST_BYTES: Duration = Duration::from_secs(5);

/// Tells connections that the server shuts down, and counts the calls in flight. Cheap to clone.
#[derive(Clone)]
pub(super) struct Drain(Arc<Shared>);

struct Shared {
    has_begun: watch::Sender<bool>,
    calls: watch::Sender<usize>,
}

/// A call in flight. It is counted until it is dropped.
pub(super) struct CallInFlight(Drain);

impl Drain {
    pub(super) fn new() -> Self {
        Self(Arc::new(Shared { has_begun: watch::Sender::new(false), calls: watch::Sender::new(0) }))
    }

    /// Refuses all calls from now on.
    pub(super) fn begin(&self) {
        self.0.has_begun.send_replace(true);
    }

    pub(super) fn has_begun(&self) -> bool {
        *self.0.has_begun.borrow()
    }

    /// Completes when the server begins to shut down.
    pub(super) async fn begun(&self) {
        // Waiting cannot fail, because the sender lives as long as `self`.
        let _ = self.0.has_begun.subscribe().wait_for(|begun| *begun).await;
    }

    /// Counts a call. Returns `None` if the server is shutting down.
    pub(super) fn enter(&self) -> Option<CallInFlight> {
        // The call is counted before the check, so that a drain that begins in between waits for it.
        self.0.calls.send_modify(|calls| *calls += 1);
        let call = CallInFlight(self.clone());
        (!self.has_begun()).then_some(call)
    }

    pub(super) fn calls(&self) -> usize {
        *self.0.calls.borrow()
    }

    /// Completes when no call is in flight.
    pub(super) async fn idle(&self) {
        let _ = self.0.calls.subscribe().wait_for(|calls| *calls == 0).await;
    }
}

impl Drop for CallInFlight {
    fn drop(&mut self) {
        self.0.0.calls.send_modify(|calls| *calls = calls.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn draining_server_refuses_new_calls_and_waits_for_calls_in_flight() {
        let drain = Drain::new();
        let call = drain.enter().unwrap();
        drain.begin();
        drain.begun().await;
        assert!(drain.enter().is_none());
        assert_eq!(drain.calls(), 1);
        let idle = tokio::spawn({
            let drain = drain.clone();
            async move { drain.idle().await }
        });
        drop(call);
        idle.await.unwrap();
    }
}
