//! Remembers which request states were used, so that no state is used twice.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::engine::pending::Pending;

/// The id of a state, which is its nonce.
pub(super) type StateId = [u8; 12];

/// The maximum number of remembered states of all principals.
const CAPACITY: usize = 65_536;

/// The maximum number of remembered states of one principal.
const CAPACITY_OF_PRINCIPAL: usize = 4096;

/// Remembers which states were used. Processes that serve the same clients have to share one store.
pub(in crate::mcp) trait SpentStates: Send + Sync {
    /// Marks a state of a principal as used. Returns false if the state was used before, or if it is unknown
    /// whether it was used.
    fn spend(&self, principal: &str, id: StateId, expires: u64, now: u64) -> Pending<'_, bool>;
}

/// Remembers the used states in the memory of this process.
#[derive(Debug, Default)]
pub(super) struct SpentInMemory(Mutex<SpentByAll>);

/// The used states by principal. If a principal has too many states, only states of this principal are evicted, so
/// no caller can invalidate the open questions of another caller.
#[derive(Debug, Default)]
struct SpentByAll {
    principals: HashMap<String, Spent>,
    /// The number of remembered states of all principals.
    count: usize,
}

#[derive(Debug, Default)]
struct Spent {
    /// The states, sorted by their expiry. The states that expire first are removed first.
    states: BTreeSet<(u64, StateId)>,
    /// States that expire at this time or earlier are refused, because some of them were evicted.
    floor: u64,
}

impl SpentByAll {
    fn spend(&mut self, principal: &str, id: StateId, expires: u64, now: u64, capacity: usize) -> bool {
        if expires <= now {
            return false;
        }
        if !self.principals.contains_key(principal) {
            self.principals.insert(principal.to_owned(), Spent::default());
        }
        let Some(spent) = self.principals.get_mut(principal) else { return false };
        let before = spent.states.len();
        let is_new = spent.spend(id, expires, now, CAPACITY_OF_PRINCIPAL.min(capacity));
        self.count = self.count + spent.states.len() - before;
        if self.count > capacity {
            self.make_room(now, capacity);
        }
        is_new
    }

    /// Removes expired states. If too many remain, removes half of the states of the principal with the most
    /// states.
    fn make_room(&mut self, now: u64, capacity: usize) {
        self.principals.retain(|_, spent| {
            spent.forget_expired(now);
            !spent.states.is_empty() || spent.floor > now
        });
        let count = |principals: &HashMap<String, Spent>| principals.values().map(|it| it.states.len()).sum();
        self.count = count(&self.principals);
        if self.count > capacity
            && let Some(most) = self.principals.values_mut().max_by_key(|spent| spent.states.len())
        {
            most.forget(most.states.len().div_ceil(2));
            self.count = count(&self.principals);
        }
    }
}

impl Spent {
    fn spend(&mut self, id: StateId, expires: u64, now: u64, capacity: usize) -> bool {
        if expires <= self.floor {
            return false;
        }
        self.forget_expired(now);
        let is_new = self.states.insert((expires, id));
        self.forget(self.states.len().saturating_sub(capacity));
        is_new
    }

    fn forget_expired(&mut self, now: u64) {
        while self.states.first().is_some_and(|(expires, _)| *expires <= now) {
            self.states.pop_first();
        }
    }

    /// Evicts the `count` states that expire first.
    fn forget(&mut self, count: usize) {
        for _ in 0..count {
            if let Some((forgotten, _)) = self.states.pop_first() {
                self.floor = forgotten;
            }
        }
    }
}

impl SpentStates for SpentInMemory {
    fn spend(&self, principal: &str, id: StateId, expires: u64, now: u64) -> Pending<'_, bool> {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = spent.spend(principal, id, expires, now, CAPACITY);
        drop(spent);
        Box::pin(std::future::ready(is_new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_state_is_accepted_once_and_not_after_expiry() {
        let mut spent = SpentByAll::default();
        let mut spend = |id: u8, expires, now| spent.spend("a", [id; 12], expires, now, 10);
        assert!(spend(1, 100, 50));
        assert!(!spend(1, 100, 50));
        assert!(!spend(2, 100, 100));
        assert!(spend(3, 101, 100));
        assert_eq!((spent.principals["a"].states.len(), spent.count), (1, 1));
    }

    #[test]
    fn evicted_request_state_is_not_accepted_again() {
        let mut spent = SpentByAll::default();
        for id in 0..6 {
            assert!(spent.spend("a", [id; 12], 100 + u64::from(id), 50, 3));
        }
        assert_eq!((spent.principals["a"].states.len(), spent.count), (3, 3));
        for id in 0..6 {
            assert!(!spent.spend("a", [id; 12], 100 + u64::from(id), 50, 3), "{id}");
        }
        assert!(spent.spend("a", [9; 12], 200, 50, 3));
    }

    #[test]
    fn caller_with_many_request_states_does_not_evict_those_of_another_caller() {
        let id = |at: u64| {
            let mut id = [0; 12];
            id[..8].copy_from_slice(&at.to_be_bytes());
            id
        };
        let spent = SpentInMemory::default();
        let mut spent = spent.0.lock().unwrap();
        for at in 0..2 * CAPACITY as u64 {
            assert!(spent.spend("flood", id(at), 1000 + at, 50, CAPACITY));
        }
        assert_eq!(spent.count, CAPACITY_OF_PRINCIPAL);
        assert!(spent.spend("other", id(1), 100, 50, CAPACITY));
        assert!(!spent.spend("other", id(1), 100, 50, CAPACITY));
    }

    #[test]
    fn principal_with_the_most_request_states_loses_its_oldest_state_first() {
        let mut spent = SpentByAll::default();
        for at in 0..6 {
            assert!(spent.spend("most", [at; 12], 100 + u64::from(at), 50, 10));
        }
        for at in 0..5 {
            assert!(spent.spend(&format!("p{at}"), [at; 12], 100, 50, 10));
        }
        assert_eq!((spent.principals["most"].states.len(), spent.count), (3, 8));
        // An evicted state is refused.
        assert!(!spent.spend("most", [0; 12], 100, 50, 10));
        for at in 0..5 {
            assert!(!spent.spend(&format!("p{at}"), [at; 12], 100, 50, 10));
        }
        // Principals without remembered states are removed.
        for at in 0..20 {
            assert!(spent.spend(&format!("q{at}"), [at; 12], 2000, 1000, 10) && spent.count <= 10);
        }
        assert!(spent.principals.len() <= 20, "{}", spent.principals.len());
    }
}
