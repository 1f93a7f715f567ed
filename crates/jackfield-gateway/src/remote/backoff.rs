//! The back-off after failed connections to a server.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The maximum back-off.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The back-off of a server, which doubles with each failure since the last long-lived connection.
#[derive(Default)]
pub(super) struct Backoff(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    /// The end of the back-off, and the reason of the last failure.
    pause: Option<(Instant, String)>,
}

impl Backoff {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a failure, and starts the back-off.
    pub(super) fn fail(&self, why: &str) {
        let mut state = self.state();
        let pause = Duration::from_secs(1 << state.failures.min(6)).min(LONGEST_PAUSE);
        state.failures = state.failures.saturating_add(1);
        state.pause = Some((Instant::now() + pause, why.to_owned()));
    }

    /// Resets the number of failures. Called after a long-lived connection.
    pub(super) fn forgive(&self) {
        self.state().failures = 0;
    }

    /// Ends the back-off. Called when a connection succeeds.
    pub(super) fn end_pause(&self) {
        self.state().pause = None;
    }

    /// Returns why the server must not be connected now. `None` if the back-off is over.
    pub(super) fn refusal(&self) -> Option<String> {
        let state = self.state();
        let (until, why) = state.pause.as_ref()?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then(|| format!("{why}; it is tried again in {} s", left.as_secs() + 1))
    }
}
