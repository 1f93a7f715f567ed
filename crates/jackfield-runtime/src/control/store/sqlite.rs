//! The state in an SQLite database, which several processes of one machine can use at once.

mod schema;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::error::StoreError;
use super::folder::create_private;

/// The file name of the database in the state folder.
const FILE: &str = "state.sqlite3";

/// The maximum time that a statement waits for a lock of another process.
const BUSY: Duration = Duration::from_secs(5);

/// The state of one connector. Cheap to clone.
///
/// Every function blocks, so async code calls it with [`run`](Self::run).
#[derive(Clone, Debug)]
pub struct SqliteStore(Arc<Mutex<Connection>>);

/// A number that changes with every commit of any process. Two numbers from one connection are equal only if nothing was
/// committed in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CommitNumber {
    /// The commits of other connections, as SQLite reports them.
    others: i64,
    /// The number of rows that this connection has changed. SQLite does not count the commits of this connection in `others`.
    own: u64,
}

impl CommitNumber {
    /// Returns the number of the latest commit that a connection sees.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub(crate) fn of(connection: &Connection) -> Result<Self, StoreError> {
        let mut others = connection.prepare_cached("PRAGMA data_version")?;
        let others = others.query_row([], |row| row.get(0))?;
        Ok(Self { others, own: connection.total_changes() })
    }
}

impl SqliteStore {
    /// Opens the state in a folder. The folder is created if it does not exist.
    ///
    /// # Errors
    /// Returns an error if other users can enter the folder, or if the database cannot be used.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        create_private(folder)?;
        Self::of(Connection::open(folder.join(FILE))?)
    }

    /// Opens the state in a folder. `None` if it does not exist.
    ///
    /// # Errors
    /// Returns an error if other users can enter the folder, or the database cannot be used.
    pub(crate) fn open_existing(folder: &Path) -> Result<Option<Self>, StoreError> {
        match folder.join(FILE).try_exists() {
            Ok(false) => Ok(None),
            Ok(true) => Self::open(folder).map(Some),
            Err(error) => Err(StoreError::Io { path: folder.to_owned(), reason: error.to_string() }),
        }
    }

    /// Creates a state in memory, which is lost when the last clone of this value is dropped.
    ///
    /// # Errors
    /// Returns an error if the database cannot be used.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::of(Connection::open_in_memory_with_flags(OpenFlags::default())?)
    }

    fn of(mut connection: Connection) -> Result<Self, StoreError> {
        connection.busy_timeout(BUSY)?;
        // A used approval has to stay used after a power failure, so every commit is synced.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::migrate(&mut connection)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs a change in a transaction that locks out other writers. A successful change is committed and synced; a failed
    /// change is rolled back.
    ///
    /// # Errors
    /// Returns the error of the change or of the commit.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = change(&transaction)?;
        transaction.commit()?;
        Ok(changed)
    }

    /// Runs a query.
    ///
    /// # Errors
    /// Returns the error of the query.
    pub fn read<T>(&self, query: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        query(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the number of the latest commit. `None` if another thread uses the connection, or if the state cannot be read.
    pub(crate) fn latest_commit(&self) -> Option<CommitNumber> {
        let connection = match self.0.try_lock() {
            Ok(connection) => connection,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        CommitNumber::of(&connection).ok()
    }

    /// Runs a blocking function of the store on a thread that may block.
    ///
    /// # Errors
    /// Returns the error of the function, or an error if it panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        let ran = tokio::task::spawn_blocking(move || run(&store)).await;
        ran.unwrap_or_else(|_| {
            Err(StoreError::Database("the thread that ran a database statement has panicked".to_owned()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_state_is_migrated_once_and_newer_state_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("shop");
        drop(SqliteStore::open(&folder).unwrap());
        let store = SqliteStore::open(&folder).unwrap();
        let version =
            store.read(|it| Ok(it.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?));
        assert_eq!(version, Ok(schema::VERSION));
        store.change(|it| Ok(it.pragma_update(None, "user_version", schema::VERSION + 1)?)).unwrap();
        drop(store);
        let newer = SqliteStore::open(&folder).unwrap_err();
        assert_eq!(newer, StoreError::Newer { found: schema::VERSION + 1, known: schema::VERSION });
    }

    #[test]
    fn approval_survives_the_migration_of_an_older_state() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("shop");
        create_private(&folder).unwrap();
        let connection = Connection::open(folder.join(FILE)).unwrap();
        schema::migrate_to(&connection, 4).unwrap();
        let insert = "INSERT INTO approvals VALUES ('a', x'00', 'p', 's', 1, 2, 'pending', NULL)";
        connection.execute(insert, []).unwrap();
        drop(connection);
        let store = SqliteStore::open(&folder).unwrap();
        let rounds = store.read(|it| {
            Ok(it.query_row("SELECT rounds FROM approvals WHERE id = 'a'", [], |row| row.get::<_, i64>(0))?)
        });
        assert_eq!(rounds, Ok(0));
    }

    #[test]
    fn failed_state_change_is_rolled_back() {
        let store = SqliteStore::in_memory().unwrap();
        let failed: Result<(), StoreError> = store.change(|it| {
            it.execute("CREATE TABLE scratch (id INTEGER) STRICT", [])?;
            Err(StoreError::Database("stop".to_owned()))
        });
        assert!(failed.is_err());
        let count = store.read(|it| {
            Ok(it.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'scratch'", [], |row| {
                row.get::<_, i64>(0)
            })?)
        });
        assert_eq!(count, Ok(0));
    }
}
