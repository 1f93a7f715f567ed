//! The sessions of a connector: one for all callers, or one for each principal.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::session::Session;

/// A slot for one session. The session is begun and ended only while the slot is locked.
#[derive(Default)]
pub(super) struct Slot(pub(super) tokio::sync::Mutex<SlotState>);

#[derive(Default)]
pub(super) struct SlotState {
    pub(super) session: Option<Arc<Session>>,
    pub(super) began: Option<Instant>,
}

/// A slot that was removed to make room for another slot.
pub(super) struct Evicted {
    /// The key of the slot.
    pub(super) key: String,
    /// The session, which has to be ended.
    pub(super) session: Option<Arc<Session>>,
}

/// The slots of a connector by session key. The key of the shared session is empty.
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

    /// Returns the slot of a key, and creates it if necessary. At the limit, the slot that has been idle for the longest time is evicted,
    /// and returned too.
    ///
    /// # Errors
    /// Returns the limit if every session is in use.
    pub(super) fn get(&self, key: &str) -> Result<(Arc<Slot>, Option<Evicted>), usize> {
        let mut known = self.known();
        if let Some(slot) = known.get(key) {
            return Ok((Arc::clone(slot), None));
        }
        let mut evicted = None;
        if known.len() >= self.most {
            let idle = known.iter().filter_map(|(key, slot)| Some((slot.unused_for()?, key.clone())));
            let (_, longest) = idle.max().ok_or(self.most)?;
            let slot = known.remove(&longest);
            let session = slot.and_then(|slot| slot.0.try_lock().ok()?.session.take());
            evicted = Some(Evicted { key: longest, session });
        }
        let slot = Arc::<Slot>::default();
        known.insert(key.to_owned(), Arc::clone(&slot));
        Ok((slot, evicted))
    }

    /// Takes a session out of its slot. The caller has to end it.
    pub(super) async fn end(&self, key: &str) -> Option<Arc<Session>> {
        let slot = self.known().get(key).cloned()?;
        slot.0.lock().await.session.take()
    }

    /// Returns the slot of a key, if it exists.
    pub(super) fn find(&self, key: &str) -> Option<Arc<Slot>> {
        self.known().get(key).cloned()
    }

    /// Removes an empty slot, unless a request is using the slot.
    pub(super) fn forget(&self, key: &str) {
        let mut known = self.known();
        if known.get(key).is_some_and(|slot| slot.unused_for().is_some_and(|it| it == UNUSED)) {
            known.remove(key);
        }
    }

    /// Returns the number of slots.
    #[cfg(test)]
    fn count(&self) -> usize {
        self.known().len()
    }
}

/// The idle time of a slot without a session.
const UNUSED: std::time::Duration = std::time::Duration::MAX;

impl Slot {
    /// Returns how long the slot has been idle. Returns `None` if a request uses the session or holds the slot.
    fn unused_for(self: &Arc<Self>) -> Option<std::time::Duration> {
        // The map holds one reference. A request gets another one while the map is locked, so the count cannot grow meanwhile.
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
    fn session_limit_evicts_only_idle_sessions() {
        let slots = Slots::new(2);
        let (first, _) = slots.get("a").unwrap();
        slots.get("b").unwrap();
        // `b` is idle, so it is evicted.
        let (third, evicted) = slots.get("c").unwrap();
        assert_eq!((slots.count(), evicted.unwrap().key.as_str()), (2, "b"));
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
