//! The database of a copy.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::error::CopyError;

/// The version of the tables.
const VERSION: i64 = 1;
/// The maximum time that a statement waits for a lock of another process.
const BUSY: Duration = Duration::from_secs(10);

/// `document` is the item as the registry sent it. The other columns are parts of it that are searched or sorted. `is_latest` also takes
/// account of versions that came later.
const TABLES: &str = "
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        status TEXT NOT NULL,
        is_latest INTEGER NOT NULL,
        published INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        title TEXT,
        description TEXT NOT NULL,
        kinds TEXT NOT NULL,
        identifiers TEXT NOT NULL,
        skeleton TEXT NOT NULL,
        document TEXT NOT NULL,
        UNIQUE (name, version)
    ) STRICT;
    CREATE INDEX entries_by_skeleton ON entries (skeleton);
    CREATE TABLE memo (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT;
";

/// Opens the database of a copy, and creates it if it does not exist.
///
/// # Errors
/// Returns an error if it is damaged, or if a newer version of this program has written it.
pub(super) fn open(path: &Path) -> Result<Connection, CopyError> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    // Everything can be fetched again, so a commit need not be on disk.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    if version_of(&connection)? != VERSION {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        create(&mut connection)?;
    }
    Ok(connection)
}

fn version_of(connection: &Connection) -> Result<i64, CopyError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn create(connection: &mut Connection) -> Result<(), CopyError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have created the tables meanwhile.
    match version_of(&transaction)? {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
            Ok(transaction.commit()?)
        }
        VERSION => Ok(()),
        _ => Err(CopyError::Newer),
    }
}
