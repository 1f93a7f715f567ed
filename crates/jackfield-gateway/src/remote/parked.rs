//! Calls that are parked until the client answers a question of the server in its next request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jackfield_runtime::{Principal, random_id};
use tokio::time::Instant;

use super::running::RunningCall;
use super::unanswered::unanswered;

/// The maximum number of parked calls of a connector, and of one principal.
const MOST: usize = 256;
const MOST_OF_PRINCIPAL: usize = 16;

/// The parked calls of a connector.
pub(super) struct ParkedCalls {
    calls: Mutex<HashMap<String, Parked>>,
    patience: Duration,
}

struct Parked {
    principal: Principal,
    running: RunningCall,
    /// The time until the deadline of the call when it was parked.
    left: Duration,
}

impl ParkedCalls {
    /// Creates an empty collection. A call is parked for at most `patience`.
    pub(super) fn new(patience: Duration) -> Self {
        Self { calls: Mutex::default(), patience }
    }

    /// Returns the time that a person may take to answer.
    pub(super) const fn patience(&self) -> Duration {
        self.patience
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<String, Parked>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Parks a call. Returns the id with which it is resumed, or the call itself if too many calls are parked.
    pub(super) fn park(
        self: &Arc<Self>,
        principal: &Principal,
        mut running: RunningCall,
    ) -> Result<String, Box<RunningCall>> {
        let mut calls = self.calls();
        let own = calls.values().filter(|parked| parked.principal == *principal).count();
        let id = random_id().filter(|_| calls.len() < MOST && own < MOST_OF_PRINCIPAL);
        let Some(id) = id else { return Err(Box::new(running)) };
        running.flight.read_elsewhere();
        let left = running.deadline.saturating_duration_since(Instant::now());
        calls.insert(id.clone(), Parked { principal: principal.clone(), running, left });
        drop(calls);
        let (parked, of_task, patience) = (Arc::downgrade(self), id.clone(), self.patience);
        tokio::spawn(async move {
            tokio::time::sleep(patience).await;
            if let Some(parked) = parked.upgrade() {
                parked.give_up(&of_task);
            }
        });
        Ok(id)
    }

    /// Removes a parked call, so that it can continue. Returns `None` if it has timed out or belongs to another principal.
    pub(super) fn resume(&self, id: &str, principal: &Principal) -> Option<RunningCall> {
        let mut calls = self.calls();
        if calls.get(id)?.principal != *principal {
            return None;
        }
        let Parked { mut running, left, .. } = calls.remove(id)?;
        running.deadline = Instant::now() + left;
        Some(running)
    }

    /// Tells the server that its question was not answered, and cancels the call.
    fn give_up(&self, id: &str) {
        let Some(Parked { mut running, .. }) = self.calls().remove(id) else { return };
        if let Some(question) = running.open.take() {
            running.flight.reply(&question.id, unanswered(&question.method));
        }
    }
}
