//! The time limits for responses of authorization servers and for logins of people.

use std::time::Duration;

/// Time limits.
#[derive(Clone, Copy)]
pub(crate) struct TimeLimits {
    /// The limit for a server's answer.
    pub(crate) answer: Duration,
    /// The limit for a person in a browser.
    pub(crate) login: Duration,
    /// The length of one second of the polling interval. Tests set a shorter length.
    pub(crate) second: Duration,
}

impl TimeLimits {
    /// The limits in production.
    pub(crate) const USUAL: Self = Self {
        answer: Duration::from_secs(30),
        login: Duration::from_secs(300),
        second: Duration::from_secs(1),
    };
}
