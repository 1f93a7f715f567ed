//! The pinned servers of a gateway: a document for each server, in a format that the gateway defines.

use std::path::Path;

use rusqlite::{OptionalExtension as _, params};

use super::store::error::StoreError;
use super::store::sqlite::SqliteStore;

/// The documents of the pinned servers. Several processes may change them.
///
/// Every function blocks.
#[derive(Clone, Debug)]
pub struct Pins(SqliteStore);

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
        self.0.read(|it| Ok(it.query_row(SELECT, [server], |row| row.get(0)).optional()?))
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
        self.0.change(|it| {
            let stored: Option<String> = it.query_row(SELECT, [server], |row| row.get(0)).optional()?;
            let changed = change(stored.as_deref())?;
            if stored.as_deref() == Some(changed.as_str()) {
                return Ok(());
            }
            it.execute(
                "INSERT INTO pins (server, document, changes) VALUES (?1, ?2, 1)
                 ON CONFLICT (server) DO UPDATE SET document = ?2, changes = changes + 1",
                params![server, changed],
            )?;
            Ok(())
        })
    }

    /// The names that begin with a text, in order.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub fn beginning_with(&self, beginning: &str) -> Result<Vec<String>, StoreError> {
        self.0.read(|it| {
            let mut found = it.prepare(BEGINNING)?;
            let names = found.query_map([beginning], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
    }

    /// The number of changes so far.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub fn version(&self) -> Result<i64, StoreError> {
        self.0
            .read(|it| Ok(it.query_row("SELECT coalesce(sum(changes), 0) FROM pins", [], |row| row.get(0))?))
    }
}

const SELECT: &str = "SELECT document FROM pins WHERE server = ?1";

const BEGINNING: &str = "SELECT server FROM pins WHERE substr(server, 1, length(?1)) = ?1 ORDER BY server";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_counts_changes_of_every_process_and_a_failed_change_is_not_stored() {
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
}
