//! A timer that ends before the deadlines of calls.
//!
//! If a timer is set that ends before all other timers, tokio wakes the thread that waits for events. A single call would
//! cause this wake-up each time, because its deadline would be the only timer. The timer in this module always ends earlier,
//! so setting a deadline does not wake a thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::sleep;

/// The duration of the timer, which is well below the timeout of a call.
const PERIOD: Duration = Duration::from_secs(10);

/// A timer that runs while there are calls. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct EarlyTimer(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_running: AtomicBool,
    /// Whether a call has started since the timer was last set.
    is_used: AtomicBool,
}

impl EarlyTimer {
    /// Keeps the timer running for this call, and for calls that follow soon. An idle process has no timer.
    pub(crate) fn keep(&self) {
        self.0.is_used.store(true, Ordering::Relaxed);
        if self.0.is_running.load(Ordering::Relaxed) || self.0.is_running.swap(true, Ordering::Relaxed) {
            return;
        }
        let running = Running(self.clone());
        tokio::spawn(async move {
            while running.0.0.is_used.swap(false, Ordering::Relaxed) {
                sleep(PERIOD).await;
            }
        });
    }
}

/// The running timer. It is dropped with its tokio runtime, and another runtime may then set it again.
struct Running(EarlyTimer);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.0.is_running.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::EarlyTimer;
    use std::sync::atomic::Ordering;

    #[test]
    fn early_timer_is_recreated_in_another_tokio_runtime() {
        let timer = EarlyTimer::default();
        for _ in 0..2 {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(async {
                timer.keep();
                timer.keep();
                tokio::task::yield_now().await;
                assert!(timer.0.is_running.load(Ordering::Relaxed));
            });
            drop(runtime);
            assert!(!timer.0.is_running.load(Ordering::Relaxed));
        }
    }
}
