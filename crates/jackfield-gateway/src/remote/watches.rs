//! The resource subscriptions of clients, for each session of a connector.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_runtime::ResourceWatch;
use tokio::sync::watch;

/// The maximum number of watched resources of a connector.
const MOST: usize = 1000;

/// The watched resources of a connector: for each session key, the URIs with the number of clients that watch them.
pub(super) struct Watches {
    wanted: Mutex<HashMap<String, BTreeMap<String, usize>>>,
    version: watch::Sender<u64>,
}

impl Default for Watches {
    fn default() -> Self {
        Self { wanted: Mutex::default(), version: watch::Sender::new(0) }
    }
}

/// A subscription of one client to a resource, which ends on drop.
struct Watched {
    watches: Arc<Watches>,
    key: String,
    uri: String,
}

impl Watches {
    fn wanted(&self) -> MutexGuard<'_, HashMap<String, BTreeMap<String, usize>>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a resource in a session. Returns `None` if too many resources are watched.
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

    /// Returns the URIs of the watched resources of a session.
    pub(super) fn of(&self, key: &str) -> BTreeSet<String> {
        self.wanted().get(key).map(|uris| uris.keys().cloned().collect()).unwrap_or_default()
    }

    /// Whether any resource of a session is watched.
    pub(super) fn has(&self, key: &str) -> bool {
        self.wanted().contains_key(key)
    }

    /// Returns a receiver that changes whenever a subscription begins or ends.
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
    fn resource_is_watched_until_the_last_client_unsubscribes() {
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
