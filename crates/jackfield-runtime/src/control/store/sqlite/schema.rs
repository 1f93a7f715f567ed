//! The tables of the state, as a list of migrations.

use rusqlite::{Connection, TransactionBehavior};

use crate::control::store::error::StoreError;

/// The migrations in their order. A released one never changes.
const MIGRATIONS: &[&str] = &[
    // The last row counts. Without a document, no rights are configured.
    "CREATE TABLE rights (
        version INTEGER PRIMARY KEY AUTOINCREMENT,
        applied_at INTEGER NOT NULL,
        document TEXT
    ) STRICT",
];

/// The newest version.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Migrates the tables to the newest version.
///
/// # Errors
/// Returns an error if a newer program has written the state, or if the state cannot be written.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION {
        return Err(StoreError::Newer { found, known: VERSION });
    }
    let done = usize::try_from(found).unwrap_or_default();
    for migration in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}
