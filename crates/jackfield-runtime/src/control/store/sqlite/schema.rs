//! The tables of the state, as a list of migrations.

use rusqlite::{Connection, TransactionBehavior};

use crate::control::store::error::StoreError;

/// The migrations in order. A migration that was released never changes.
const MIGRATIONS: &[&str] = &[APPROVALS, TASKS, NAMED_TOKENS, RIGHTS, APPROVAL_ROUNDS, TASK_QUESTIONS, PINS];

const TASKS: &str = "
    CREATE TABLE tasks (
        id TEXT PRIMARY KEY,
        principal TEXT NOT NULL,
        state TEXT NOT NULL,
        content TEXT,
        message TEXT NOT NULL,
        created INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        lease INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX tasks_by_principal ON tasks (principal, state);
";

const APPROVALS: &str = "
    CREATE TABLE approvals (
        id TEXT PRIMARY KEY,
        binding BLOB NOT NULL,
        principal TEXT NOT NULL,
        summary TEXT NOT NULL,
        created INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        state TEXT NOT NULL,
        decided_by TEXT
    ) STRICT;
    CREATE INDEX approvals_by_principal ON approvals (principal, expires);
";

const NAMED_TOKENS: &str = "
    CREATE TABLE named_tokens (
        name TEXT PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE,
        scopes TEXT NOT NULL,
        created INTEGER NOT NULL,
        expires INTEGER NOT NULL
    ) STRICT;
";

const RIGHTS: &str = "
    CREATE TABLE rights (
        version INTEGER PRIMARY KEY AUTOINCREMENT,
        applied_at INTEGER NOT NULL,
        document TEXT
    ) STRICT;
";

const APPROVAL_ROUNDS: &str = "ALTER TABLE approvals ADD COLUMN rounds INTEGER NOT NULL DEFAULT 0;";

const TASK_QUESTIONS: &str = "
    CREATE TABLE task_questions (
        task TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        request TEXT NOT NULL,
        answer TEXT,
        PRIMARY KEY (task, key)
    ) STRICT;
";

const PINS: &str = "
    CREATE TABLE pins (
        server TEXT PRIMARY KEY,
        document TEXT NOT NULL,
        changes INTEGER NOT NULL
    ) STRICT;
";

/// The newest version of the schema.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Creates the tables of an older version.
#[cfg(test)]
pub(super) fn migrate_to(connection: &Connection, version: usize) -> Result<(), rusqlite::Error> {
    MIGRATIONS.iter().take(version).try_for_each(|migration| connection.execute_batch(migration))?;
    connection.pragma_update(None, "user_version", version as i64)
}

/// Migrates the tables to the newest version.
///
/// # Errors
/// Returns an error if a newer version of this program has written the state, or if the state cannot be written.
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
