//! The pinned servers of a gateway: a document for each server, in a format that the gateway defines.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::store::error::StoreError;
use super::store::sqlite::SqliteStore;

/// The documents of the pinned servers. Several processes may change them. Cheap to clone.
///
/// Every function blocks.
#[derive(Clone, Debug)]
pub struct Pins(SqliteStore);

/// The documents during a change. Other processes cannot write in the meantime.
#[derive(Debug)]
pub struct PinsChange<'t>(&'t Transaction<'t>);

/// The number of changes of each document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PinVersions(BTreeMap<String, i64>);

impl Pins {
    /// Opens the state in a folder. The folder is created if it does not exist.
    ///
    /// # Errors
    /// Returns an error if the state cannot be opened or created.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        SqliteStore::open(folder).map(Self)
    }

    /// Returns the document of a server.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub fn read(&self, server: &str) -> Result<Option<String>, StoreError> {
        self.0.read(|it| read(it, server))
    }

    /// Changes several documents: all of them, or none if `change` returns an error. Other processes cannot write in the meantime.
    ///
    /// # Errors
    /// Returns an error if the state cannot be written, or the error that `change` returned.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&PinsChange<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.0.change(|it| change(&PinsChange(it)))
    }

    /// Replaces the document of a server by the result of `change`. Other processes cannot write in the meantime.
    ///
    /// # Errors
    /// Returns an error if the state cannot be written, or the error that `change` returned.
    pub fn update(
        &self,
        server: &str,
        change: impl FnOnce(Option<&str>) -> Result<String, StoreError>,
    ) -> Result<(), StoreError> {
        self.change(|all| {
            let changed = change(all.read(server)?.as_deref())?;
            all.write(server, &changed)
        })
    }

    /// Returns the names of servers that begin with `beginning`, sorted.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub fn beginning_with(&self, beginning: &str) -> Result<Vec<String>, StoreError> {
        self.0.read(|it| beginning_with(it, beginning))
    }

    /// Returns the number of changes so far.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub fn version(&self) -> Result<i64, StoreError> {
        self.0
            .read(|it| Ok(it.query_row("SELECT coalesce(sum(changes), 0) FROM pins", [], |row| row.get(0))?))
    }

    /// Returns the number of changes of each document.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub fn versions(&self) -> Result<PinVersions, StoreError> {
        self.0.read(|it| {
            let mut found = it.prepare("SELECT server, changes FROM pins")?;
            let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(PinVersions(rows.collect::<Result<_, _>>()?))
        })
    }
}

impl PinsChange<'_> {
    /// Returns the document of a server.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub fn read(&self, server: &str) -> Result<Option<String>, StoreError> {
        read(self.0, server)
    }

    /// Returns the names of servers that begin with `beginning`, sorted.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub fn beginning_with(&self, beginning: &str) -> Result<Vec<String>, StoreError> {
        beginning_with(self.0, beginning)
    }

    /// Stores the document of a server.
    ///
    /// # Errors
    /// Returns an error if the state cannot be written.
    pub fn write(&self, server: &str, document: &str) -> Result<(), StoreError> {
        if self.read(server)?.as_deref() != Some(document) {
            self.0.execute(ADD, params![server, document, 1])?;
        }
        Ok(())
    }

    /// Removes the document of a server. Returns whether it existed.
    ///
    /// # Errors
    /// Returns an error if the state cannot be written.
    pub fn remove(&self, server: &str) -> Result<bool, StoreError> {
        let changes: Option<i64> = self
            .0
            .query_row("DELETE FROM pins WHERE server = ?1 RETURNING changes", [server], |row| row.get(0))
            .optional()?;
        if let Some(changes) = changes {
            // The number of changes must not become smaller.
            self.0.execute(ADD, params![REMOVED, "", changes + 1])?;
        }
        Ok(changes.is_some())
    }
}

impl PinVersions {
    /// Returns the names of the documents that have changed since `earlier`. `None` if any document may have changed.
    pub fn changed_since(&self, earlier: &Self) -> Option<Vec<&str>> {
        // A removed document may have been stored again with an equal number of changes.
        if self.0.get(REMOVED) != earlier.0.get(REMOVED) {
            return None;
        }
        let changed = self.0.iter().filter(|(name, changes)| earlier.0.get(*name) != Some(changes));
        Some(changed.map(|(name, _)| name.as_str()).collect())
    }
}

/// The row that counts the changes of removed documents, and the removals.
const REMOVED: &str = "";

const ADD: &str = "INSERT INTO pins (server, document, changes) VALUES (?1, ?2, ?3)
    ON CONFLICT (server) DO UPDATE SET document = ?2, changes = changes + ?3";

fn read(connection: &Connection, server: &str) -> Result<Option<String>, StoreError> {
    let document = "SELECT document FROM pins WHERE server = ?1";
    Ok(connection.query_row(document, [server], |row| row.get(0)).optional()?)
}

fn beginning_with(connection: &Connection, beginning: &str) -> Result<Vec<String>, StoreError> {
    let mut found = connection.prepare(
        "SELECT server FROM pins WHERE substr(server, 1, length(?1)) = ?1 AND server <> '' ORDER BY server",
    )?;
    let names = found.query_map([beginning], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_version_counts_the_successful_changes_of_every_process() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("gateway");
        let (one, other) = (Pins::open(&folder).unwrap(), Pins::open(&folder).unwrap());
        assert_eq!((one.version(), one.read("a")), (Ok(0), Ok(None)));
        other.update("a", |stored| Ok(format!("{stored:?}"))).unwrap();
        assert_eq!((one.version(), one.read("a")), (Ok(1), Ok(Some("None".to_owned()))));
        one.update("a", |stored| Ok(stored.unwrap().to_owned())).unwrap();
        let failed = one.update("a", |_| Err(StoreError::Database("stop".to_owned())));
        assert!(failed.is_err());
        assert_eq!(other.version(), Ok(1));
        one.update("b", |_| Ok("new".to_owned())).unwrap();
        assert_eq!((other.version(), other.read("b")), (Ok(2), Ok(Some("new".to_owned()))));
        one.update("a#%_", |_| Ok("new".to_owned())).unwrap();
        assert_eq!(other.beginning_with("a#"), Ok(vec!["a#%_".to_owned()]));
        assert_eq!(other.beginning_with("%"), Ok(Vec::new()));
    }

    #[test]
    fn document_that_is_removed_and_stored_again_counts_as_changed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("gateway");
        let (one, other) = (Pins::open(&folder).unwrap(), Pins::open(&folder).unwrap());
        one.update("a", |_| Ok("1".to_owned())).unwrap();
        one.update("b", |_| Ok("1".to_owned())).unwrap();
        let (version, versions) = (other.version().unwrap(), other.versions().unwrap());
        one.update("b", |_| Ok("2".to_owned())).unwrap();
        let later = other.versions().unwrap();
        assert_eq!(later.changed_since(&versions), Some(vec!["b"]));
        assert_eq!(later.changed_since(&later.clone()), Some(Vec::new()));
        let removed = one.change(|all| Ok((all.remove("a")?, all.remove("c")?)));
        assert_eq!((removed, other.read("a")), (Ok((true, false)), Ok(None)));
        one.update("a", |_| Ok("1".to_owned())).unwrap();
        assert!(other.version().unwrap() > version + 1);
        assert_eq!(other.versions().unwrap().changed_since(&later), None);
        assert_eq!(other.beginning_with(""), Ok(vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn change_of_several_documents_is_stored_completely_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let pins = Pins::open(&folder.path().join("gateway")).unwrap();
        let failed: Result<(), _> = pins.change(|all| {
            all.write("a", "new")?;
            Err(StoreError::Database("stop".to_owned()))
        });
        assert!(failed.is_err());
        assert_eq!((pins.read("a"), pins.version()), (Ok(None), Ok(0)));
    }
}
