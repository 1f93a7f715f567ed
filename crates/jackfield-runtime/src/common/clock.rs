//! A clock that tests can replace.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A source of the current time.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// Returns the system clock.
    pub(crate) fn of_machine() -> Self {
        Self(Arc::new(SystemTime::now))
    }

    /// Creates a clock that shows the time that a function returns.
    #[cfg(test)]
    pub(crate) fn of(time: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(time))
    }

    /// Returns the current time in seconds since 1970.
    pub(crate) fn seconds(&self) -> u64 {
        (self.0)().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
    }
}
