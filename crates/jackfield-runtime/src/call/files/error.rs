//! Errors about the files that arguments name.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::call::folders::{InvalidLimit, PathProblem};
use crate::common::budget::BudgetExceeded;
use crate::common::io_failure::IoFailure;

/// The reason why a file is not read, displayed as text that follows the argument's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileError {
    /// The caller is not the user of this machine.
    OfOtherCaller,
    /// The user has not allowed any folder.
    NothingAllowed {
        /// The environment variable that allows folders.
        variable: String,
    },
    Path(PathProblem),
    /// The variable with the size limit is not a number.
    Limit(InvalidLimit),
    /// The file is not below a folder that the user has allowed.
    Outside {
        /// The allowed folders, as the user has spelled them.
        allowed: String,
    },
    /// Neither the file nor the allowed folder exists.
    FolderNotThere,
    NotThere,
    /// The path leads to a folder, a pipe or a device.
    NoFile,
    Unreadable(IoFailure),
    TooLarge {
        limit: u64,
        /// The environment variable that sets the limit.
        variable: String,
    },
    Budget(BudgetExceeded),
    /// The file grew while it was read.
    Grew,
    /// The copy that would be sent cannot be written.
    Spool {
        folder: PathBuf,
        /// The environment variable that names the folder.
        variable: String,
        failure: IoFailure,
    },
    /// The copies of all calls take too many bytes.
    SpoolFull {
        most: u64,
        /// The environment variable that sets the limit for one file.
        variable: String,
    },
    /// The call ended before the file was copied.
    Stopped,
}

impl FileError {
    pub(super) fn unreadable(error: io::Error) -> Self {
        let failure = IoFailure::from(error);
        match failure.kind() {
            io::ErrorKind::NotFound => Self::NotThere,
            _ => Self::Unreadable(failure),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfOtherCaller => f.write_str(
                "names a file, and only the user who runs this connector can send files from its machine: send the bytes in base64",
            ),
            Self::NothingAllowed { variable } => write!(
                f,
                "names a file, but the user has not allowed any folder: set {variable} to the folders that may be read"
            ),
            Self::Path(problem) => problem.fmt(f),
            Self::Limit(InvalidLimit { variable, text }) => {
                write!(f, "cannot be read: {variable} is {text:?}, but has to be a number of bytes")
            }
            Self::Outside { allowed } => {
                write!(f, "names a file outside the folders that the user has allowed: {allowed}")
            }
            Self::FolderNotThere => {
                f.write_str("names a file that does not exist; the folder that the user has allowed does not exist either")
            }
            Self::NotThere => f.write_str("names a file that does not exist"),
            Self::NoFile => f.write_str("names a folder, pipe or device instead of a file"),
            Self::Unreadable(failure) => write!(f, "names a file that cannot be read: {failure}"),
            Self::TooLarge { limit, variable } => {
                write!(f, "names a file of more than {limit} bytes, which is the limit in {variable}")
            }
            Self::Budget(exceeded) => write!(f, "names a file, and {exceeded}"),
            Self::Grew => f.write_str("names a file that grew while it was read"),
            Self::Spool { folder, variable, failure } => write!(
                f,
                "names a file that cannot be copied to {}: {failure}; the user can choose another folder with {variable}",
                folder.display()
            ),
            Self::SpoolFull { most, variable } => write!(
                f,
                "names a file, and the copies of all files that are being sent would take more than {most} bytes, four times \
                 {variable}: call again when another call has ended"
            ),
            Self::Stopped => f.write_str("names a file that was not copied before the call ended"),
        }
    }
}

impl std::error::Error for FileError {}
