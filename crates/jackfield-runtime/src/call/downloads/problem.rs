//! The reasons why a reply was not stored.

use std::fmt;
use std::path::PathBuf;

use crate::common::io_failure::IoFailure;

/// The reason why a reply was not stored. No file is left behind, except with `NotSynced`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SaveProblem {
    TooLarge {
        limit: u64,
        /// The environment variable that sets the limit.
        variable: String,
    },
    /// The disk is full, or the folder cannot be written.
    Disk { path: PathBuf, failure: IoFailure },
    /// The file is complete, but its name might not be on the disk yet.
    NotSynced { path: PathBuf, failure: IoFailure },
    /// Another program has created a file with this name in the meantime.
    Exists(PathBuf),
    /// The reply contains a credential of the request.
    RepeatsCredential,
}

impl fmt::Display for SaveProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit, variable } => {
                write!(f, "it has more than {limit} bytes, which is the limit in {variable}")?;
            }
            Self::Disk { path, failure } => {
                write!(f, "it cannot be stored in {}: {failure}", path.display())?;
            }
            Self::NotSynced { path, failure } => {
                let path = path.display();
                return write!(
                    f,
                    "{path} is complete, but a power failure may remove it, because its folder was not synced: {failure}"
                );
            }
            Self::Exists(path) => {
                write!(
                    f,
                    "it cannot be stored in {}, because another program has created this file",
                    path.display()
                )?;
            }
            Self::RepeatsCredential => f.write_str("it repeats a credential of the request")?,
        }
        f.write_str("; no file was stored")
    }
}

impl std::error::Error for SaveProblem {}
