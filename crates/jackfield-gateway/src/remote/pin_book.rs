//! The pinned servers of a gateway, which follow changes by other processes.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jackfield_runtime::{Pins, StoreError};
use tokio::sync::watch;

use super::pinned::{FetchedLists, PinnedServer};

/// How often the store is read for changes by other processes.
const INTERVAL: Duration = Duration::from_millis(500);

/// The document with the path of the gateway.toml to which the store belongs. The dot keeps it apart from connectors.
const OWNER: &str = "gateway.toml";

/// The pinned servers.
pub(crate) struct PinBook {
    store: Pins,
    known: Mutex<HashMap<String, Known>>,
    /// The version of the store that was read last.
    read: Mutex<i64>,
    /// Held from reading the store until `known` has the result, so that an older result cannot replace a newer one.
    in_order: Mutex<()>,
}

/// A pinned server, and its version for announcements.
struct Known {
    server: Option<Arc<PinnedServer>>,
    version: watch::Sender<u64>,
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

    /// The store itself.
    pub(crate) const fn store(&self) -> &Pins {
        &self.store
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn in_order(&self) -> MutexGuard<'_, ()> {
        self.in_order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a connector. `None` if it was never attached.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read.
    pub(crate) fn load(&self, connector: &str) -> Result<Option<Arc<PinnedServer>>, StoreError> {
        let _in_order = self.in_order();
        let stored = self.store.read(connector)?.map(|text| parse(&text)).transpose()?.map(Arc::new);
        self.learn(connector, stored.clone());
        Ok(stored)
    }

    /// The connector as it was read last.
    pub(crate) fn get(&self, connector: &str) -> Option<Arc<PinnedServer>> {
        self.known().get(connector)?.server.clone()
    }

    /// The version of a connector's lists.
    pub(crate) fn version(&self, connector: &str) -> u64 {
        self.known().get(connector).map_or(0, |known| *known.version.borrow())
    }

    /// Receives the version of a connector's lists.
    pub(crate) fn changes(&self, connector: &str) -> Option<watch::Receiver<u64>> {
        self.known().get(connector).map(|known| known.version.subscribe())
    }

    /// Records the lists that a server sends now.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written.
    pub(crate) fn record(
        &self,
        connector: &str,
        lists: FetchedLists,
    ) -> Result<Arc<PinnedServer>, StoreError> {
        let _in_order = self.in_order();
        let with_lists = |stored: Option<&str>, lists: FetchedLists| -> Result<_, StoreError> {
            let server = PinnedServer::updated(stored.map(parse).transpose()?, connector, lists);
            let text = print(&server)?;
            Ok((server, text))
        };
        // Other processes are locked out only while it is written, and the comparison of long lists takes a while.
        let before = self.store.read(connector)?;
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
        self.learn(connector, Some(Arc::clone(&recorded)));
        Ok(recorded)
    }

    /// Makes a gateway.toml the owner of the store. Returns the owner if it is another file that still exists.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written.
    pub(crate) fn claim(&self, file: &Path) -> Result<Option<String>, StoreError> {
        let (own, mut other) = (file.display().to_string(), None);
        self.store.update(OWNER, |stored| {
            // A file that was moved takes its state with it.
            other = stored.filter(|owner| *owner != own && Path::new(owner).exists()).map(str::to_owned);
            Ok(other.clone().unwrap_or(own))
        })?;
        Ok(other)
    }

    /// Accepts the entries that a person has seen. Returns their names, or `None` if the server has changed since.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written.
    pub(crate) fn accept(
        &self,
        connector: &str,
        only: Option<&str>,
        seen: &PinnedServer,
    ) -> Result<Option<Vec<String>>, StoreError> {
        let mut accepted = None;
        self.store.update(connector, |stored| {
            let mut server = stored.map(parse).transpose()?.unwrap_or_default();
            if server.tools == seen.tools && server.prompts == seen.prompts {
                accepted = Some(server.accept(only));
            }
            print(&server)
        })?;
        self.load(connector)?;
        Ok(accepted)
    }

    /// Keeps a server, and announces it if it has changed.
    fn learn(&self, connector: &str, server: Option<Arc<PinnedServer>>) {
        let mut all = self.known();
        let known = all
            .entry(connector.to_owned())
            .or_insert_with(|| Known { server: None, version: watch::Sender::new(0) });
        if known.server != server {
            known.server = server;
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

    /// Follows changes by other processes, until the book is dropped.
    ///
    /// # Errors
    /// Returns an error if no thread can be started.
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
        server.record("time", lists("one")).unwrap();
        server.record("time", lists("two")).unwrap();
        assert_eq!(server.get("time").unwrap().withheld().count(), 1);
        let mut changes = server.changes("time").unwrap();
        changes.mark_unchanged();
        let seen = command.load("time").unwrap().unwrap();
        assert_eq!(command.accept("time", None, &PinnedServer::default()).unwrap(), None);
        assert_eq!(command.accept("time", Some("b"), &seen).unwrap().unwrap(), Vec::<String>::new());
        assert_eq!(command.accept("time", Some("a"), &seen).unwrap().unwrap(), ["a"]);
        server.refresh().unwrap();
        assert!(changes.has_changed().unwrap());
        assert_eq!(server.get("time").unwrap().withheld().count(), 0);
        assert_eq!(server.version("time"), *changes.borrow());
        // Lists that are as they were change no version.
        let version = server.version("time");
        server.record("time", lists("two")).unwrap();
        assert_eq!(server.version("time"), version);
    }
}
