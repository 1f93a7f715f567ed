//! The pinned servers of a gateway, with a cache that is refreshed when another process changes the store.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jackfield_runtime::{Pins, StoreError};
use tokio::sync::watch;

use super::pinned::{FetchedLists, PinnedServer};

/// The interval at which the store is checked for changes by other processes.
const INTERVAL: Duration = Duration::from_millis(500);

/// The document with the path of the gateway.toml that owns the store. Names of connectors cannot contain a dot.
const OWNER: &str = "gateway.toml";

/// The stored servers of a gateway and their cache.
pub(crate) struct PinBook {
    store: Pins,
    known: Mutex<HashMap<String, Known>>,
    /// The version of the store at the last refresh.
    read: Mutex<i64>,
    /// Locked from a read of the store until `known` is updated, so that an older result cannot replace a newer one.
    in_order: Mutex<()>,
}

/// The maximum number of stored bytes of the separate lists of all agents of a connector.
const MOST_OWN_BYTES: usize = 64 * 1024 * 1024;

/// The cached lists of a connector, and the version that announces their changes.
struct Known {
    server: Option<Arc<PinnedServer>>,
    /// The separate lists of agents, by the agent's key, each with its stored length.
    own: HashMap<String, (Arc<PinnedServer>, usize)>,
    version: watch::Sender<u64>,
}

impl Default for Known {
    fn default() -> Self {
        Self { server: None, own: HashMap::new(), version: watch::Sender::new(0) }
    }
}

impl Known {
    /// Returns the separate lists of an agent. Lists that another command or URL has sent belong to another server.
    fn own_of(&self, agent: &str) -> Option<&Arc<PinnedServer>> {
        let (own, _) = self.own.get(agent)?;
        self.server.as_ref().is_some_and(|server| server.source == own.source).then_some(own)
    }
}

/// Returns the name of the document with an agent's separate lists.
fn document(connector: &str, agent: &str) -> String {
    format!("{connector}#{agent}")
}

impl PinBook {
    /// Opens the store in a folder.
    ///
    /// # Errors
    /// Returns an error if the store cannot be used.
    pub(crate) fn open(folder: &Path) -> Result<Self, StoreError> {
        let store = Pins::open(folder)?;
        let read = Mutex::new(store.version()?);
        Ok(Self { store, known: Mutex::default(), read, in_order: Mutex::default() })
    }

    /// Returns the store.
    pub(crate) const fn store(&self) -> &Pins {
        &self.store
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn in_order(&self) -> MutexGuard<'_, ()> {
        self.in_order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a connector and the separate lists of its agents from the store. Returns `None` if the connector was never attached.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read.
    pub(crate) fn load(&self, connector: &str) -> Result<Option<Arc<PinnedServer>>, StoreError> {
        let _in_order = self.in_order();
        let stored = self.store.read(connector)?.map(|text| parse(&text)).transpose()?.map(Arc::new);
        let own = self.read_own(connector)?;
        self.learn(connector, stored.clone(), Own::All(own));
        Ok(stored)
    }

    /// Reads the separate lists of agents. An empty document means that the agent uses the connector's lists again.
    fn read_own(&self, connector: &str) -> Result<HashMap<String, (Arc<PinnedServer>, usize)>, StoreError> {
        let beginning = document(connector, "");
        let mut own = HashMap::new();
        for name in self.store.beginning_with(&beginning)? {
            let text = self.store.read(&name)?.unwrap_or_default();
            if !text.is_empty() {
                let agent = name[beginning.len()..].to_owned();
                own.insert(agent, (Arc::new(parse(&text)?), text.len()));
            }
        }
        Ok(own)
    }

    /// Returns the cached lists of an agent: its separate lists, or else the connector's lists. `agent` is empty for the shared session.
    pub(crate) fn get(&self, connector: &str, agent: &str) -> Option<Arc<PinnedServer>> {
        let known = self.known();
        let known = known.get(connector)?;
        known.own_of(agent).or(known.server.as_ref()).cloned()
    }

    /// Whether an agent has separate lists.
    pub(crate) fn has_own(&self, connector: &str, agent: &str) -> bool {
        self.known().get(connector).is_some_and(|known| known.own_of(agent).is_some())
    }

    /// Returns the separate lists of all agents.
    pub(crate) fn all_own(&self, connector: &str) -> Vec<Arc<PinnedServer>> {
        let known = self.known();
        let own = known.get(connector).map(|known| known.own.values().map(|(own, _)| Arc::clone(own)));
        own.into_iter().flatten().collect()
    }

    /// Returns the version of a connector's cached lists.
    pub(crate) fn version(&self, connector: &str) -> u64 {
        self.known().get(connector).map_or(0, |known| *known.version.borrow())
    }

    /// Returns a receiver of the version of a connector's cached lists.
    pub(crate) fn changes(&self, connector: &str) -> Option<watch::Receiver<u64>> {
        self.known().get(connector).map(|known| known.version.subscribe())
    }

    /// Records the lists that a server sends in the session of `agent`, or in the shared session if `agent` is empty.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written, or if the separate lists of agents exceed `MOST_OWN_BYTES`.
    pub(crate) fn record(
        &self,
        connector: &str,
        agent: &str,
        lists: FetchedLists,
    ) -> Result<Arc<PinnedServer>, StoreError> {
        let _in_order = self.in_order();
        let before = self.store.read(connector)?;
        if let (Some(stored), false) = (&before, agent.is_empty()) {
            let common = parse(stored)?;
            if common.source == lists.source {
                return self.record_own(connector, Arc::new(common), agent, lists);
            }
        }
        let with_lists = |stored: Option<&str>, lists: FetchedLists| -> Result<_, StoreError> {
            let server = PinnedServer::updated(stored.map(parse).transpose()?, connector, lists);
            let text = print(&server)?;
            Ok((server, text))
        };
        // The store is locked only for the write, because the comparison of long lists takes a while.
        let (mut recorded, text) = with_lists(before.as_deref(), lists.clone())?;
        if before.as_deref() != Some(&*text) {
            self.store.update(connector, |stored| {
                if stored == before.as_deref() {
                    return Ok(text);
                }
                let (server, text) = with_lists(stored, lists)?;
                recorded = server;
                Ok(text)
            })?;
        }
        let recorded = Arc::new(recorded);
        self.learn(connector, Some(Arc::clone(&recorded)), Own::Same);
        Ok(recorded)
    }

    /// Records the separate lists of an agent, or clears them if they equal the connector's lists.
    fn record_own(
        &self,
        connector: &str,
        common: Arc<PinnedServer>,
        agent: &str,
        lists: FetchedLists,
    ) -> Result<Arc<PinnedServer>, StoreError> {
        let name = document(connector, agent);
        let stored = self.store.read(&name)?.unwrap_or_default();
        let known = if stored.is_empty() { None } else { Some(parse(&stored)?) };
        let own = common.of_agent(known, connector, lists);
        let text = own.as_ref().map(print).transpose()?.unwrap_or_default();
        let others: usize = self.known().get(connector).map_or(0, |known| {
            let others = known.own.iter().filter(|(key, _)| *key != agent);
            others.map(|(_, (_, length))| *length).sum()
        });
        if others + text.len() > MOST_OWN_BYTES {
            let why = format!("the lists of single agents are longer than {} MB", MOST_OWN_BYTES >> 20);
            return Err(StoreError::Database(why));
        }
        if stored != text {
            let written = text.clone();
            self.store.update(&name, |_| Ok(written))?;
        }
        let own = own.map(|own| (Arc::new(own), text.len()));
        let recorded = Arc::clone(own.as_ref().map_or(&common, |(own, _)| own));
        self.learn(connector, Some(common), Own::Of(agent, own));
        Ok(recorded)
    }

    /// Makes a gateway.toml the owner of the store. Returns the owner if it is another file that still exists.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written.
    pub(crate) fn claim(&self, file: &Path) -> Result<Option<String>, StoreError> {
        let (own, mut other) = (file.display().to_string(), None);
        self.store.update(OWNER, |stored| {
            // If the owner was moved or deleted, `file` becomes the owner.
            other = stored.filter(|owner| *owner != own && Path::new(owner).exists()).map(str::to_owned);
            Ok(other.clone().unwrap_or(own))
        })?;
        Ok(other)
    }

    /// Accepts the entries that a person has seen, for all agents. `seen` contains the connector's lists and the separate lists of agents.
    /// Returns the names of the accepted entries, or `None` if the stored lists have changed since.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written.
    pub(crate) fn accept(
        &self,
        connector: &str,
        only: Option<&str>,
        seen: &[Arc<PinnedServer>],
    ) -> Result<Option<Vec<String>>, StoreError> {
        let (mut accepted, mut own_accepted) = (BTreeSet::new(), Vec::new());
        for name in self.store.beginning_with(&document(connector, ""))? {
            let mut is_other = false;
            self.store.update(&name, |stored| {
                let stored = stored.unwrap_or_default();
                if stored.is_empty() {
                    return Ok(String::new());
                }
                let mut own = parse(stored)?;
                // Lists that another command or URL has sent are not in force, so they are not among those that were seen.
                if seen.iter().all(|it| it.source != own.source) {
                    return Ok(stored.to_owned());
                }
                is_other = !seen.iter().any(|it| it.tools == own.tools && it.prompts == own.prompts);
                if !is_other {
                    accepted.extend(own.accept(only));
                    own_accepted.push(own.clone());
                }
                print(&own)
            })?;
            if is_other {
                return Ok(None);
            }
        }
        let mut is_other = false;
        self.store.update(connector, |stored| {
            let mut server = stored.map(parse).transpose()?.unwrap_or_default();
            is_other = !seen.iter().any(|it| it.tools == server.tools && it.prompts == server.prompts);
            if !is_other {
                accepted.extend(server.accept(only));
                own_accepted.iter().for_each(|own| server.approve_as_in(own));
            }
            print(&server)
        })?;
        self.load(connector)?;
        Ok((!is_other).then(|| accepted.into_iter().collect()))
    }

    /// Updates the cache. Increments the version of the connector if anything has changed.
    fn learn(&self, connector: &str, server: Option<Arc<PinnedServer>>, own: Own<'_>) {
        let mut all = self.known();
        let known = all.entry(connector.to_owned()).or_default();
        let mut has_changed = known.server != server;
        if has_changed {
            known.server = server;
        }
        match own {
            Own::Same => {}
            Own::All(own) => {
                has_changed |= known.own != own;
                known.own = own;
            }
            Own::Of(agent, own) => {
                has_changed |= known.own.get(agent) != own.as_ref();
                match own {
                    Some(own) => _ = known.own.insert(agent.to_owned(), own),
                    None => _ = known.own.remove(agent),
                }
            }
        }
        if has_changed {
            known.version.send_modify(|version| *version += 1);
        }
    }

    /// Reads the known connectors again if another process has changed the store.
    fn refresh(&self) -> Result<(), StoreError> {
        let version = self.store.version()?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if *read == version {
            return Ok(());
        }
        let names: Vec<String> = self.known().keys().cloned().collect();
        for name in names {
            self.load(&name)?;
        }
        *read = version;
        Ok(())
    }

    /// Starts a thread that follows changes by other processes until the book is dropped.
    ///
    /// # Errors
    /// Returns an error if the thread cannot be started.
    pub(crate) fn follow(self: &Arc<Self>) -> std::io::Result<()> {
        let book = Arc::downgrade(self);
        let follow = move || {
            let mut has_failed = false;
            loop {
                std::thread::sleep(INTERVAL);
                let Some(book) = book.upgrade() else { return };
                let refreshed = book.refresh();
                if let (Err(error), false) = (&refreshed, has_failed) {
                    tracing::error!(%error, "the pins cannot be read again: those that were read last stay in force");
                }
                has_failed = refreshed.is_err();
            }
        };
        std::thread::Builder::new().name("pins".to_owned()).spawn(follow).map(drop)
    }
}

/// The change of the agents' separate lists in the cache.
enum Own<'a> {
    /// The lists are unchanged.
    Same,
    All(HashMap<String, (Arc<PinnedServer>, usize)>),
    /// The lists of one agent are replaced, or removed if the second value is `None`.
    Of(&'a str, Option<(Arc<PinnedServer>, usize)>),
}

impl fmt::Debug for PinBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PinBook({} connectors)", self.known().len())
    }
}

fn parse(text: &str) -> Result<PinnedServer, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Database(format!("a pinned server is damaged: {error}")))
}

fn print(server: &PinnedServer) -> Result<String, StoreError> {
    serde_json::to_string(server).map_err(|error| StoreError::Database(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lists(description: &str) -> FetchedLists {
        let tool = json!({ "name": "a", "description": description });
        FetchedLists { tools: vec![tool.as_object().unwrap().clone()], ..FetchedLists::default() }
    }

    #[test]
    fn acceptance_by_another_process_reaches_a_running_gateway() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("gateway");
        let (server, command) = (PinBook::open(&folder).unwrap(), PinBook::open(&folder).unwrap());
        assert_eq!(server.load("time").unwrap(), None);
        server.record("time", "", lists("one")).unwrap();
        server.record("time", "", lists("two")).unwrap();
        assert_eq!(server.get("time", "").unwrap().withheld().count(), 1);
        let mut changes = server.changes("time").unwrap();
        changes.mark_unchanged();
        let seen = command.load("time").unwrap().unwrap();
        let seen = [seen];
        assert_eq!(command.accept("time", None, &[]).unwrap(), None);
        assert_eq!(command.accept("time", Some("b"), &seen).unwrap().unwrap(), Vec::<String>::new());
        assert_eq!(command.accept("time", Some("a"), &seen).unwrap().unwrap(), ["a"]);
        server.refresh().unwrap();
        assert!(changes.has_changed().unwrap());
        assert_eq!(server.get("time", "").unwrap().withheld().count(), 0);
        assert_eq!(server.version("time"), *changes.borrow());
        // Recording the same lists again does not change the version.
        let version = server.version("time");
        server.record("time", "", lists("two")).unwrap();
        assert_eq!(server.version("time"), version);
    }

    #[test]
    fn tools_of_one_agent_do_not_change_the_lists_of_others() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("gateway");
        let (server, command) = (PinBook::open(&folder).unwrap(), PinBook::open(&folder).unwrap());
        server.record("far", "", lists("common")).unwrap();
        server.record("far", "token:ann", lists("common")).unwrap();
        assert_eq!((server.all_own("far").len(), server.version("far")), (0, 1));
        server.record("far", "token:bob", lists("for Bob")).unwrap();
        let withheld = |book: &PinBook, agent: &str| book.get("far", agent).unwrap().withheld().count();
        assert_eq!(
            [withheld(&server, ""), withheld(&server, "token:ann"), withheld(&server, "token:bob")],
            [0, 0, 1]
        );
        let common = command.load("far").unwrap().unwrap();
        let seen = [vec![common], command.all_own("far")].concat();
        assert_eq!(command.accept("far", None, &seen).unwrap().unwrap(), ["a"]);
        server.refresh().unwrap();
        assert_eq!(withheld(&server, "token:bob"), 0);
        server.record("far", "token:cy", lists("for Bob")).unwrap();
        assert_eq!(withheld(&server, "token:cy"), 0);
        server.record("far", "token:bob", lists("common")).unwrap();
        assert_eq!(server.all_own("far").len(), 1);
        // A connector whose name is a prefix of `far` is a different connector.
        assert_eq!(command.load("fa").unwrap(), None);
        assert!(command.all_own("fa").is_empty());
    }

    #[test]
    fn lists_of_agent_from_another_url_are_not_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let book = PinBook::open(&folder.path().join("gateway")).unwrap();
        book.record("far", "", lists("common")).unwrap();
        book.record("far", "token:bob", lists("for Bob")).unwrap();
        let moved = FetchedLists { source: "other".to_owned(), ..lists("common") };
        let common = book.record("far", "", moved).unwrap();
        assert_eq!(book.get("far", "token:bob"), Some(Arc::clone(&common)));
        assert!(!book.has_own("far", "token:bob"));
        assert_eq!(book.accept("far", None, &[common]).unwrap().unwrap(), ["a"]);
    }
}
