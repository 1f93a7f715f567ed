//! Errors of the store.

use std::fmt;
use std::path::PathBuf;

/// The reason why the state cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// The folder for the state is unknown. The string names the environment variables.
    NoFolder(&'static str),
    /// The folder or the file cannot be used.
    Io {
        /// The folder or file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The database refused a statement, or its content is damaged.
    Database(String),
    /// The state was written by a newer version.
    Newer {
        /// The version of the stored state.
        found: i64,
        /// The newest version that this program can read.
        known: i64,
    },
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFolder(why) => {
                write!(f, "no folder for the server's state: {why}; set JACKFIELD_STATE to an absolute path")
            }
            Self::Io { path, reason } => write!(f, "cannot use {}: {reason}", path.display()),
            Self::Database(reason) => write!(f, "the server's state cannot be used: {reason}"),
            Self::Newer { found, known } => write!(
                f,
                "the server's state has version {found}, and this program reads versions up to {known}: use a newer \
                 version of this program"
            ),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}
