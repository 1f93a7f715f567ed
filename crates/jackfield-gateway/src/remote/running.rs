//! A call that a server is handling.

use std::time::Duration;

use tokio::time::Instant;

use super::session::InFlight;
use crate::wire::flight::Flight;
use crate::wire::listener::ServerQuestion;

/// A call that a server is handling. It can outlive the client's request while a person answers a question.
pub(super) struct RunningCall {
    pub(super) flight: Flight,
    /// Prevents the session from being ended as idle.
    _session: InFlight,
    /// The deadline of the server's response. It is extended by the time that a person takes to answer.
    pub(super) deadline: Instant,
    limit: Duration,
    /// The question of the server that waits for an answer.
    pub(super) open: Option<ServerQuestion>,
    /// The number of questions that the server has asked.
    pub(super) asked: usize,
}

impl RunningCall {
    pub(super) fn new(flight: Flight, session: InFlight, deadline: Instant) -> Self {
        let limit = deadline.saturating_duration_since(Instant::now());
        Self { flight, _session: session, deadline, limit, open: None, asked: 0 }
    }

    /// Returns the timeout of the call, without extensions.
    pub(super) const fn limit(&self) -> Duration {
        self.limit
    }
}
