//! Errors of the copy.

use std::fmt;
use std::path::PathBuf;

/// The reason why the copy of a registry cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CopyError {
    /// A folder or file cannot be used.
    Io {
        /// The folder or file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The database refused a statement.
    Database(String),
    /// Another process has locked the database for too long.
    Busy,
    /// The database is damaged. A sync replaces it.
    Damaged(String),
    /// A newer version of this program has written the database.
    Newer,
    /// The file of a mirror is not in a known form.
    Mirror {
        /// The file.
        path: PathBuf,
        /// The problem.
        problem: String,
    },
}

impl fmt::Display for CopyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, reason } => write!(f, "cannot use {}: {reason}", path.display()),
            Self::Database(reason) => write!(f, "the copy of the registry cannot be used: {reason}"),
            Self::Busy => {
                f.write_str("another process is writing the copy of the registry; try again in a minute")
            }
            Self::Damaged(reason) => {
                write!(f, "the copy of the registry is damaged ({reason}); the next sync replaces it")
            }
            Self::Newer => f.write_str(
                "the copy of the registry was written by a newer version of this program: use that version",
            ),
            Self::Mirror { path, problem } => write!(
                f,
                "{} is not a mirror of a registry: {problem}; a mirror is a page ({{\"servers\": […]}}), an array of entries, or \
                 one entry or page per line",
                path.display()
            ),
        }
    }
}

impl std::error::Error for CopyError {}

impl From<rusqlite::Error> for CopyError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseCorrupt, DatabaseLocked, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged(error.to_string()),
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy,
            _ => Self::Database(error.to_string()),
        }
    }
}
