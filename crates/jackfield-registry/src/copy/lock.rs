//! The lock of a sync. The system releases it if the process dies.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::error::CopyError;

/// Holds the lock of a sync until it is dropped.
///
/// It is an exclusive transaction of a database of its own, because SQLite has locks of files on every system.
pub(super) struct SyncLock {
    _connection: Connection,
}

impl SyncLock {
    /// Takes the lock. `None` if another process holds it longer than `wait`.
    pub(super) fn take(path: &Path, wait: Duration) -> Result<Option<Self>, CopyError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(wait)?;
        match connection.execute_batch("BEGIN EXCLUSIVE") {
            Ok(()) => Ok(Some(Self { _connection: connection })),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_is_held_by_one_and_released_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = SyncLock::take(&path, Duration::ZERO).unwrap().unwrap();
        assert!(SyncLock::take(&path, Duration::ZERO).unwrap().is_none());
        drop(first);
        assert!(SyncLock::take(&path, Duration::ZERO).unwrap().is_some());
    }
}
