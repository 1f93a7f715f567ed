//! Calls whose server waits for an answer that their client sends with its next request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jackfield_runtime::{Principal, random_id};
use tokio::time::Instant;

use super::running::RunningCall;
use super::unanswered::unanswered;

/// The calls of a connector that may wait for answers, and those of one principal.
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
    /// The time that the server had left when its question came.
    left: Duration,
}

impl ParkedCalls {
    /// No calls yet. Each waits at most so long.
    pub(super) fn new(patience: Duration) -> Self {
        Self { calls: Mutex::default(), patience }
    }

    /// How long a person has for an answer.
    pub(super) const fn patience(&self) -> Duration {
        self.patience
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<String, Parked>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Parks a call until its client returns. Returns its id, or the call if there is no room.
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

    /// Takes a parked call, which continues. `None` if it waited too long, or belongs to another principal.
    pub(super) fn resume(&self, id: &str, principal: &Principal) -> Option<RunningCall> {
        let mut calls = self.calls();
        if calls.get(id)?.principal != *principal {
            return None;
        }
        let Parked { mut running, left, .. } = calls.remove(id)?;
        running.deadline = Instant::now() + left;
        Some(running)
    }

    /// Tells the server that its question has no answer, and cancels the call.
    fn give_up(&self, id: &str) {
        let Some(Parked { mut running, .. }) = self.calls().remove(id) else { return };
        if let Some(question) = running.open.take() {
            running.flight.reply(&question.id, unanswered(&question.method));
        }
    }
}
