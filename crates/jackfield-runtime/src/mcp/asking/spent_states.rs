//! States that were used, so that none is used twice.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::engine::pending::Pending;

/// The id of a state, which is its nonce.
pub(super) type StateId = [u8; 12];

/// The most states that are remembered.
const CAPACITY: usize = 65_536;

/// Remembers which states were used. Several processes that serve the same clients have to share one.
pub(in crate::mcp) trait SpentStates: Send + Sync {
    /// Marks a state as used. Returns false if it was used before, or if that cannot be known.
    fn spend(&self, id: StateId, expires: u64, now: u64) -> Pending<'_, bool>;
}

/// Remembers the states of this process.
#[derive(Debug, Default)]
pub(super) struct SpentInMemory(Mutex<Spent>);

#[derive(Debug, Default)]
struct Spent {
    /// By expiry, so that expired states are forgotten first.
    states: BTreeSet<(u64, StateId)>,
    /// States that expire at this time or earlier are refused, because some of them were forgotten.
    floor: u64,
}

impl Spent {
    fn spend(&mut self, id: StateId, expires: u64, now: u64, capacity: usize) -> bool {
        if expires <= now || expires <= self.floor {
            return false;
        }
        self.states = self.states.split_off(&(now + 1, StateId::default()));
        let is_new = self.states.insert((expires, id));
        if self.states.len() > capacity
            && let Some((forgotten, _)) = self.states.pop_first()
        {
            self.floor = forgotten;
        }
        is_new
    }
}

impl SpentStates for SpentInMemory {
    fn spend(&self, id: StateId, expires: u64, now: u64) -> Pending<'_, bool> {
        let spent = self.0.lock().unwrap_or_else(PoisonError::into_inner).spend(id, expires, now, CAPACITY);
        Box::pin(std::future::ready(spent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_is_spent_once_and_not_after_its_expiry() {
        let mut spent = Spent::default();
        let mut spend = |id: u8, expires, now| spent.spend([id; 12], expires, now, 10);
        assert!(spend(1, 100, 50));
        assert!(!spend(1, 100, 50));
        assert!(!spend(2, 100, 100));
        assert!(spend(3, 101, 100));
        assert_eq!(spent.states.len(), 1);
    }

    #[test]
    fn forgotten_state_cannot_be_spent_again() {
        let mut spent = Spent::default();
        for id in 0..6 {
            assert!(spent.spend([id; 12], 100 + u64::from(id), 50, 3));
        }
        assert_eq!(spent.states.len(), 3);
        for id in 0..6 {
            assert!(!spent.spend([id; 12], 100 + u64::from(id), 50, 3), "{id}");
        }
        assert!(spent.spend([9; 12], 200, 50, 3));
    }
}
