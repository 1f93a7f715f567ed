//! The pinned servers of a gateway, with a cache that is refreshed when another process changes the store.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_runtime::{PinVersions, Pins, StoreError};
use tokio::sync::watch;

use super::pinned::{FetchedLists, PinnedServer};

/// The stored servers of a gateway and their cache.
pub(crate) struct PinBook {
    pub(super) store: Pins,
    known: Mutex<HashMap<String, Known>>,
    /// The versions of the store at the last refresh.
    pub(super) read: Mutex<ReadVersions>,
    /// Locked from a read of the store until `known` is updated, so that an older result cannot replace a newer one.
    in_order: Mutex<()>,
    /// The versions of the accounts at each connector.
    pub(super) accounts: Mutex<HashMap<String, watch::Sender<u64>>>,
}

/// The version of the whole store, and of its documents.
#[derive(Default)]
pub(super) struct ReadVersions {
    pub(super) all: i64,
    pub(super) documents: PinVersions,
}

/// The maximum number of stored bytes of the separate lists of all agents of a connector.
const MOST_OWN_BYTES: usize = 64 * 1024 * 1024;

/// The cached lists of a connector, and the version that announces their changes.
pub(super) struct Known {
    pub(super) server: Option<Arc<PinnedServer>>,
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
pub(super) fn document(connector: &str, agent: &str) -> String {
    format!("{connector}#{agent}")
}

impl PinBook {
    /// Opens the store in a folder.
    ///
    /// # Errors
    /// Returns an error if the store cannot be used.
    pub(crate) fn open(folder: &Path) -> Result<Self, StoreError> {
        let store = Pins::open(folder)?;
        // `all` is read first, so that the documents are at least as new as `all`.
        let (all, documents) = (store.version()?, store.versions()?);
        let read = Mutex::new(ReadVersions { all, documents });
        Ok(Self {
            store,
            known: Mutex::default(),
            read,
            in_order: Mutex::default(),
            accounts: Mutex::default(),
        })
    }

    /// Returns the store.
    pub(crate) const fn store(&self) -> &Pins {
        &self.store
    }

    pub(super) fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn in_order(&self) -> MutexGuard<'_, ()> {
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

    /// Reads the separate lists of agents.
    fn read_own(&self, connector: &str) -> Result<HashMap<String, (Arc<PinnedServer>, usize)>, StoreError> {
        let beginning = document(connector, "");
        let mut own = HashMap::new();
        for name in self.store.beginning_with(&beginning)? {
            let text = self.store.read(&name)?;
            let length = text.as_ref().map_or(0, String::len);
            if let Some(lists) = stored_own(text)? {
                own.insert(name[beginning.len()..].to_owned(), (Arc::new(lists), length));
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
        if let (Some(common), false) = (&before, agent.is_empty())
            && parse(common)?.source == lists.source
        {
            return self.record_own(connector, common, agent, lists);
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

    /// Records the separate lists of an agent, or removes them if they equal the connector's lists.
    fn record_own(
        &self,
        connector: &str,
        common: &str,
        agent: &str,
        lists: FetchedLists,
    ) -> Result<Arc<PinnedServer>, StoreError> {
        let name = document(connector, agent);
        let stored = self.store.read(&name)?.unwrap_or_default();
        // The store is locked only for the write, because the comparison of long lists takes a while.
        let mut recorded = OwnLists::of(common, &stored, connector, lists.clone())?;
        self.check_length(connector, agent, &recorded)?;
        if stored != recorded.text {
            self.store.change(|documents| {
                let newest =
                    [documents.read(connector)?, documents.read(&name)?].map(Option::unwrap_or_default);
                // Another process may have accepted a definition meanwhile.
                if newest[0] != common || newest[1] != stored {
                    recorded = OwnLists::of(&newest[0], &newest[1], connector, lists)?;
                    self.check_length(connector, agent, &recorded)?;
                }
                match recorded.text.is_empty() {
                    true => documents.remove(&name).map(drop),
                    false => documents.write(&name, &recorded.text),
                }
            })?;
        }
        let OwnLists { common, own, text } = recorded;
        let own = own.map(|own| (Arc::new(own), text.len()));
        let common = Arc::new(common);
        let recorded = Arc::clone(own.as_ref().map_or(&common, |(own, _)| own));
        self.learn(connector, Some(common), Own::Of(agent, own));
        Ok(recorded)
    }

    /// Checks that the separate lists of all agents are not too long.
    fn check_length(&self, connector: &str, agent: &str, lists: &OwnLists) -> Result<(), StoreError> {
        let others: usize = self.known().get(connector).map_or(0, |known| {
            let others = known.own.iter().filter(|(key, _)| *key != agent);
            others.map(|(_, (_, length))| *length).sum()
        });
        if others + lists.text.len() > MOST_OWN_BYTES {
            let why = format!("the lists of single agents are longer than {} MB", MOST_OWN_BYTES >> 20);
            return Err(StoreError::Database(why));
        }
        Ok(())
    }

    /// Updates the cache. Increments the version of the connector if anything has changed.
    pub(super) fn learn(&self, connector: &str, server: Option<Arc<PinnedServer>>, own: Own<'_>) {
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
}

/// The change of the agents' separate lists in the cache.
pub(super) enum Own<'a> {
    /// The lists are unchanged.
    Same,
    All(HashMap<String, (Arc<PinnedServer>, usize)>),
    /// The lists of one agent are replaced, or removed if the second value is `None`.
    Of(&'a str, Option<(Arc<PinnedServer>, usize)>),
}

/// The connector's lists, and the separate lists of an agent, as they are stored: empty if they equal the connector's lists.
struct OwnLists {
    common: PinnedServer,
    own: Option<PinnedServer>,
    text: String,
}

impl OwnLists {
    /// Updates the stored lists of an agent with the lists that the server sends in its session.
    fn of(common: &str, stored: &str, connector: &str, lists: FetchedLists) -> Result<Self, StoreError> {
        let common = if common.is_empty() { PinnedServer::default() } else { parse(common)? };
        let known = if stored.is_empty() { None } else { Some(parse(stored)?) };
        let own = common.of_agent(known, connector, lists);
        let text = own.as_ref().map(print).transpose()?.unwrap_or_default();
        Ok(Self { common, own, text })
    }
}

impl fmt::Debug for PinBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PinBook({} connectors)", self.known().len())
    }
}

/// Reads the separate lists of an agent. An empty document, which earlier versions have stored, means that there are none.
pub(super) fn stored_own(text: Option<String>) -> Result<Option<PinnedServer>, StoreError> {
    text.filter(|text| !text.is_empty()).map(|text| parse(&text)).transpose()
}

pub(super) fn parse(text: &str) -> Result<PinnedServer, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Database(format!("a pinned server is damaged: {error}")))
}

pub(super) fn print(server: &PinnedServer) -> Result<String, StoreError> {
    serde_json::to_string(server).map_err(|error| StoreError::Database(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::pinned::tests::one_tool as lists;

    #[test]
    fn tools_listed_for_one_agent_do_not_change_the_lists_of_other_agents() {
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
    fn agent_lists_recorded_from_an_earlier_url_are_ignored() {
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
