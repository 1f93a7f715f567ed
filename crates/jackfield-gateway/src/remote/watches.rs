//! The resources that clients have subscribed to, for each session of a connector.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_runtime::ResourceWatch;
use tokio::sync::watch;

/// The most resources of a connector that are watched.
const MOST: usize = 1000;

/// The watched resources of a connector: for each session, by its key, the addresses and how many clients watch each.
pub(super) struct Watches {
    wanted: Mutex<HashMap<String, BTreeMap<String, usize>>>,
    version: watch::Sender<u64>,
}

impl Default for Watches {
    fn default() -> Self {
        Self { wanted: Mutex::default(), version: watch::Sender::new(0) }
    }
}

/// A watched resource, until it is dropped.
struct Watched {
    watches: Arc<Watches>,
    key: String,
    uri: String,
}

impl Watches {
    fn wanted(&self) -> MutexGuard<'_, HashMap<String, BTreeMap<String, usize>>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a resource in a session. `None` if too many are watched.
    pub(super) fn add(self: &Arc<Self>, key: &str, uri: &str) -> Option<ResourceWatch> {
        let mut wanted = self.wanted();
        let count: usize = wanted.values().map(BTreeMap::len).sum();
        let of_session = wanted.entry(key.to_owned()).or_default();
        if count >= MOST && !of_session.contains_key(uri) {
            return None;
        }
        *of_session.entry(uri.to_owned()).or_default() += 1;
        drop(wanted);
        self.version.send_modify(|version| *version += 1);
        Some(Arc::new(Watched { watches: Arc::clone(self), key: key.to_owned(), uri: uri.to_owned() }))
    }

    /// The addresses that are watched in a session.
    pub(super) fn of(&self, key: &str) -> BTreeSet<String> {
        self.wanted().get(key).map(|uris| uris.keys().cloned().collect()).unwrap_or_default()
    }

    /// Whether a session watches any resource.
    pub(super) fn has(&self, key: &str) -> bool {
        self.wanted().contains_key(key)
    }

    /// Receives a new value whenever another resource is watched, or one no longer.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut wanted = self.watches.wanted();
        if let Some(of_session) = wanted.get_mut(&self.key) {
            match of_session.get_mut(&self.uri) {
                Some(count) if *count > 1 => *count -= 1,
                _ => _ = of_session.remove(&self.uri),
            }
            if of_session.is_empty() {
                wanted.remove(&self.key);
            }
        }
        drop(wanted);
        self.watches.version.send_modify(|version| *version += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_is_watched_until_the_last_client_leaves() {
        let watches = Arc::<Watches>::default();
        let mut changes = watches.changes();
        let (one, other) = (watches.add("a", "x:1").unwrap(), watches.add("a", "x:1").unwrap());
        assert_eq!(watches.of("a"), BTreeSet::from(["x:1".to_owned()]));
        assert!(changes.has_changed().unwrap() && !watches.has("b"));
        drop(one);
        assert!(watches.has("a"));
        changes.mark_unchanged();
        drop(other);
        assert!(!watches.has("a") && changes.has_changed().unwrap());
    }

    #[test]
    fn number_of_watched_resources_is_bounded() {
        let watches = Arc::<Watches>::default();
        let all: Vec<_> = (0..2 * MOST).map(|at| watches.add("a", &at.to_string())).collect();
        assert_eq!(all.iter().flatten().count(), MOST);
        assert!(watches.add("a", "0").is_some() && watches.add("b", "0").is_none());
        drop(all);
        assert!(watches.add("b", "0").is_some());
    }
}
