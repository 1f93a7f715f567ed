//! Follows changes of the store by other processes.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use jackfield_runtime::StoreError;
use tokio::sync::watch;

use super::pin_book::{Own, PinBook, ReadVersions, document, parse, stored_own};
use crate::account::connector_of;

/// The interval at which the store is checked for changes by other processes.
const INTERVAL: Duration = Duration::from_millis(500);

impl PinBook {
    /// Reads the documents that have changed since the last refresh.
    pub(super) fn refresh(&self) -> Result<(), StoreError> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let all = self.store.version()?;
        if read.all == all {
            return Ok(());
        }
        let documents = self.store.versions()?;
        let known: Vec<String> = self.known().keys().cloned().collect();
        match documents.changed_since(&read.documents) {
            None => {
                known.iter().try_for_each(|connector| self.load(connector).map(drop))?;
                self.accounts().values().for_each(|version| version.send_modify(|version| *version += 1));
            }
            Some(changed) => {
                for name in changed {
                    if let Some(version) = connector_of(name).and_then(|it| self.accounts().get(it).cloned())
                    {
                        version.send_modify(|version| *version += 1);
                    } else if known.iter().any(|connector| connector == name) {
                        self.load_common(name)?;
                    } else if let Some((connector, agent)) = name.split_once('#')
                        && known.iter().any(|known| known == connector)
                    {
                        self.load_own(connector, agent)?;
                    }
                }
            }
        }
        *read = ReadVersions { all, documents };
        Ok(())
    }

    fn load_common(&self, connector: &str) -> Result<(), StoreError> {
        let _in_order = self.in_order();
        let stored = self.store.read(connector)?.map(|text| parse(&text)).transpose()?.map(Arc::new);
        self.learn(connector, stored, Own::Same);
        Ok(())
    }

    fn load_own(&self, connector: &str, agent: &str) -> Result<(), StoreError> {
        let _in_order = self.in_order();
        let text = self.store.read(&document(connector, agent))?;
        let length = text.as_ref().map_or(0, String::len);
        let own = stored_own(text)?.map(|own| (Arc::new(own), length));
        let common = self.known().get(connector).and_then(|known| known.server.clone());
        self.learn(connector, common, Own::Of(agent, own));
        Ok(())
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<u64>>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a receiver that changes when an account at a connector was connected or forgotten.
    pub(crate) fn account_changes(&self, connector: &str) -> watch::Receiver<u64> {
        let mut accounts = self.accounts();
        accounts.entry(connector.to_owned()).or_insert_with(|| watch::Sender::new(0)).subscribe()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{LoginDocument, StoredLogin};
    use crate::remote::pinned::tests::one_tool as lists;

    #[test]
    fn tools_accepted_by_another_process_are_accepted_in_a_running_gateway() {
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
    fn store_changes_are_announced_only_if_another_process_made_them() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("gateway");
        let (server, command) = (PinBook::open(&folder).unwrap(), PinBook::open(&folder).unwrap());
        let mut accounts = ["docs", "time"].map(|name| server.account_changes(name));
        for name in ["docs", "time"] {
            server.record(name, "", lists("one")).unwrap();
            server.load(name).unwrap();
        }
        server.refresh().unwrap();
        let mut announced = |what: &str| {
            server.refresh().unwrap();
            let lists = ["docs", "time"].map(|name| server.version(name));
            let accounts = accounts.each_mut().map(|changes| {
                let is_new = changes.has_changed().unwrap();
                changes.mark_unchanged();
                is_new
            });
            (what.to_owned(), lists, accounts)
        };
        let document = LoginDocument { url: "http://127.0.0.1:8/mcp".to_owned(), authorization: None };
        let before = announced("nothing").1;
        StoredLogin::store(command.store(), "docs", None, &document).unwrap();
        assert_eq!(announced("a login"), ("a login".to_owned(), before, [true, false]));
        command.record("time", "token:bob", lists("for Bob")).unwrap();
        let (_, lists_of, _) = announced("the lists of an agent");
        assert_eq!((lists_of[0], lists_of[1]), (before[0], before[1] + 1));
        assert!(server.has_own("time", "token:bob"));
        command.forget_agent("token:bob").unwrap();
        assert!(!server.has_own("time", "token:bob") || announced("a removed agent").1[1] > lists_of[1]);
        assert!(!server.has_own("time", "token:bob"));
    }
}
