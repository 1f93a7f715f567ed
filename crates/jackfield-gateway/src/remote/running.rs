//! A call that a server works on.

use std::time::Duration;

use tokio::time::Instant;

use super::session::InFlight;
use crate::wire::flight::Flight;
use crate::wire::listener::ServerQuestion;

/// A call that a server works on, which outlives the client's request while a person thinks.
pub(super) struct RunningCall {
    pub(super) flight: Flight,
    /// Keeps the session from being ended as idle.
    _session: InFlight,
    /// When the server has to have answered. The time that a person thinks does not count.
    pub(super) deadline: Instant,
    limit: Duration,
    /// The question that waits for an answer.
    pub(super) open: Option<ServerQuestion>,
    /// The number of questions so far.
    pub(super) asked: usize,
}

impl RunningCall {
    pub(super) fn new(flight: Flight, session: InFlight, deadline: Instant) -> Self {
        let limit = deadline.saturating_duration_since(Instant::now());
        Self { flight, _session: session, deadline, limit, open: None, asked: 0 }
    }

    /// The time that the server had.
    pub(super) const fn limit(&self) -> Duration {
        self.limit
    }
}
