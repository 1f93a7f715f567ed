//! How long an authorization server and a person may take.

use std::time::Duration;

/// How long things may take.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    /// For the answer of a server.
    pub(crate) answer: Duration,
    /// For a person in a browser.
    pub(crate) login: Duration,
    /// How long a second is between two questions of a device: tests have no time.
    pub(crate) second: Duration,
}

impl Patience {
    /// As people and servers need it.
    pub(crate) const USUAL: Self = Self {
        answer: Duration::from_secs(30),
        login: Duration::from_secs(300),
        second: Duration::from_secs(1),
    };
}
