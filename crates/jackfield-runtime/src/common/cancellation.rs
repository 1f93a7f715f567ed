//! Tells work outside a call's future that the call has ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Tells work in other tasks that the call has ended. Clones belong to the same call. The default value never reports an
/// end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cancellation(Option<Arc<State>>);

#[derive(Debug, Default)]
struct State {
    is_over: AtomicBool,
    over: Notify,
}

impl Cancellation {
    /// Creates the cancellation of a new call.
    pub(super) fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// Ends the call.
    pub(super) fn cancel(&self) {
        if let Some(state) = &self.0 {
            state.is_over.store(true, Ordering::Release);
            state.over.notify_waiters();
        }
    }

    /// Whether the call has ended.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.as_ref().is_some_and(|state| state.is_over.load(Ordering::Acquire))
    }

    /// Waits until the call has ended.
    pub(crate) async fn cancelled(self) {
        let Some(state) = &self.0 else { return std::future::pending().await };
        let over = state.over.notified();
        // The waiter is registered before the flag is checked, so that no cancellation is missed.
        if !self.is_cancelled() {
            over.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cancellation;

    #[tokio::test]
    async fn waiter_wakes_if_the_call_is_cancelled_before_or_after_it_registers() {
        let cancellation = Cancellation::new();
        assert!(!cancellation.is_cancelled());
        let early = [cancellation.clone(), cancellation.clone()].map(|it| tokio::spawn(it.cancelled()));
        tokio::task::yield_now().await;
        assert!(early.iter().all(|waiter| !waiter.is_finished()));
        cancellation.cancel();
        for waiter in early {
            waiter.await.unwrap();
        }
        cancellation.clone().cancelled().await;
        assert!(cancellation.is_cancelled());
    }
}
