//! The sessions of a connector: one for all callers, or one for each principal.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::session::Session;

/// The place of a session. The holder of its lock begins and ends the session.
#[derive(Default)]
pub(super) struct Slot(pub(super) tokio::sync::Mutex<SlotState>);

#[derive(Default)]
pub(super) struct SlotState {
    pub(super) session: Option<Arc<Session>>,
    pub(super) began: Option<Instant>,
}

/// The places of a connector's sessions, by the principal; with an empty key for the session that all share.
pub(super) struct Slots {
    most: usize,
    known: Mutex<HashMap<String, Arc<Slot>>>,
}

impl Slots {
    pub(super) fn new(most: usize) -> Self {
        Self { most, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Arc<Slot>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place of a session. If there are too many, the one that has been idle for the longest time is given up, and its session is
    /// returned too, which has to be ended.
    ///
    /// # Errors
    /// Returns the limit if every session is in use.
    pub(super) fn get(&self, key: &str) -> Result<(Arc<Slot>, Option<Arc<Session>>), usize> {
        let mut known = self.known();
        if let Some(slot) = known.get(key) {
            return Ok((Arc::clone(slot), None));
        }
        let mut ended = None;
        if known.len() >= self.most {
            let idle = known.iter().filter_map(|(key, slot)| Some((slot.unused_for()?, key.clone())));
            let (_, longest) = idle.max().ok_or(self.most)?;
            let slot = known.remove(&longest);
            ended = slot.and_then(|slot| slot.0.try_lock().ok()?.session.take());
        }
        let slot = Arc::<Slot>::default();
        known.insert(key.to_owned(), Arc::clone(&slot));
        Ok((slot, ended))
    }

    /// Takes a session from its place, to be ended.
    pub(super) async fn end(&self, key: &str) -> Option<Arc<Session>> {
        let slot = self.known().get(key).cloned()?;
        slot.0.lock().await.session.take()
    }

    /// The place with that key, if there is one.
    pub(super) fn find(&self, key: &str) -> Option<Arc<Slot>> {
        self.known().get(key).cloned()
    }

    /// Forgets a place without a session, unless a request is about to begin one there.
    pub(super) fn forget(&self, key: &str) {
        let mut known = self.known();
        if known.get(key).is_some_and(|slot| slot.unused_for().is_some_and(|it| it == UNUSED)) {
            known.remove(key);
        }
    }

    /// The number of places.
    #[cfg(test)]
    fn count(&self) -> usize {
        self.known().len()
    }
}

/// The time for which a place without a session counts as unused.
const UNUSED: std::time::Duration = std::time::Duration::MAX;

impl Slot {
    /// How long the session has been unused. `None` if it is in use, or if a request may be about to use it.
    fn unused_for(self: &Arc<Self>) -> Option<std::time::Duration> {
        // The map of the places has one reference, and each user of the place got another while the map was locked.
        if Arc::strong_count(self) > 1 {
            return None;
        }
        let state = self.0.try_lock().ok()?;
        match &state.session {
            None => Some(UNUSED),
            Some(session) => Some(session.idle_for()).filter(|idle| !idle.is_zero()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_of_sessions_is_bounded_and_used_ones_stay() {
        let slots = Slots::new(2);
        let (first, _) = slots.get("a").unwrap();
        slots.get("b").unwrap();
        // `b` is not used, so it makes room.
        let (third, _) = slots.get("c").unwrap();
        assert_eq!(slots.count(), 2);
        assert_eq!(slots.get("d").err(), Some(2));
        drop(third);
        assert!(slots.get("d").is_ok() && Arc::ptr_eq(&slots.get("a").unwrap().0, &first));
        slots.forget("a");
        assert_eq!(slots.count(), 2);
        drop(first);
        slots.forget("a");
        assert_eq!(slots.count(), 1);
    }
}
