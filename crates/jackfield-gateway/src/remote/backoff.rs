//! How long a server that fails is left alone.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The longest time for which a server that fails is left alone.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The failures of a server since its last connection that lasted.
#[derive(Default)]
pub(super) struct Backoff(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    /// The time until which it is left alone, and why.
    pause: Option<(Instant, String)>,
}

impl Backoff {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a failure, and how long the server is left alone.
    pub(super) fn fail(&self, why: &str) {
        let mut state = self.state();
        let pause = Duration::from_secs(1 << state.failures.min(6)).min(LONGEST_PAUSE);
        state.failures = state.failures.saturating_add(1);
        state.pause = Some((Instant::now() + pause, why.to_owned()));
    }

    /// Forgets the failures, because a connection has lasted.
    pub(super) fn forgive(&self) {
        self.state().failures = 0;
    }

    /// Ends the pause, because a connection has begun.
    pub(super) fn end_pause(&self) {
        self.state().pause = None;
    }

    /// Why the server is left alone now.
    pub(super) fn refusal(&self) -> Option<String> {
        let state = self.state();
        let (until, why) = state.pause.as_ref()?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then(|| format!("{why}; it is tried again in {} s", left.as_secs() + 1))
    }
}
