//! The time, as a value that tests can make.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where the time is looked up.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// The clock of this machine.
    pub(crate) fn of_machine() -> Self {
        Self(Arc::new(SystemTime::now))
    }

    /// A clock that shows what that function says.
    #[cfg(test)]
    pub(crate) fn of(time: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(time))
    }

    /// Seconds since 1970.
    pub(crate) fn seconds(&self) -> u64 {
        (self.0)().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
    }
}
