//! Reads and writes the rights in the state of a connector: one document, which is replaced as a whole.

use rusqlite::OptionalExtension as _;

use crate::control::store::error::StoreError;
use crate::control::store::sqlite::SqliteStore;

/// The number of versions that are kept, so that earlier rights can be looked up.
const KEPT: i64 = 100;

/// The rights in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredRights {
    /// The number of changes so far.
    pub(crate) version: i64,
    /// The time at which the rights were applied, in seconds since 1970.
    pub(crate) applied_at: i64,
    /// The text of the rights file. `None` after `rights remove`.
    pub(crate) document: Option<String>,
}

/// Returns the version of the rights. 0 if no rights were ever stored.
///
/// # Errors
/// Returns an error if the state cannot be read.
pub(crate) fn version(store: &SqliteStore) -> Result<i64, StoreError> {
    store.read(|it| Ok(it.query_row("SELECT coalesce(max(version), 0) FROM rights", [], |row| row.get(0))?))
}

/// Returns the rights in force. `None` if no rights were ever stored.
///
/// # Errors
/// Returns an error if the state cannot be read.
pub(crate) fn latest(store: &SqliteStore) -> Result<Option<StoredRights>, StoreError> {
    store.read(|it| {
        let found = it.query_row(
            "SELECT version, applied_at, document FROM rights ORDER BY version DESC LIMIT 1",
            [],
            |row| Ok(StoredRights { version: row.get(0)?, applied_at: row.get(1)?, document: row.get(2)? }),
        );
        Ok(found.optional()?)
    })
}

/// Replaces the rights, and returns the new version.
///
/// # Errors
/// Returns an error if the state cannot be written.
pub(crate) fn replace(store: &SqliteStore, document: Option<&str>, now: u64) -> Result<i64, StoreError> {
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    store.change(|it| {
        it.execute("INSERT INTO rights (applied_at, document) VALUES (?1, ?2)", (now, document))?;
        let version = it.last_insert_rowid();
        it.execute("DELETE FROM rights WHERE version <= ?1", [version - KEPT])?;
        Ok(version)
    })
}
