//! Errors about files that an argument names.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::call::folders::{InvalidLimit, PathProblem};
use crate::common::budget::BudgetExceeded;
use crate::common::io_failure::IoFailure;

/// Why a file is not read, as text that follows the argument's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileError {
    /// The caller is not the user of this machine.
    OfOtherCaller,
    /// The user has allowed no folder.
    NothingAllowed {
        /// The variable that allows folders.
        variable: String,
    },
    Path(PathProblem),
    /// The variable with the size limit is not a number.
    Limit(InvalidLimit),
    /// The file is not below a folder that the user has allowed.
    Outside {
        /// The folders in the user's spelling.
        allowed: String,
    },
    /// Neither the file nor its allowed folder exists.
    FolderNotThere,
    NotThere,
    /// The path leads to a folder, a pipe or a device.
    NoFile,
    Unreadable(IoFailure),
    TooLarge {
        limit: u64,
        /// The variable that sets the limit.
        variable: String,
    },
    Budget(BudgetExceeded),
    /// The file grew while it was read.
    Grew,
    /// The copy that would be sent cannot be written.
    Spool {
        folder: PathBuf,
        /// The variable that chooses the folder.
        variable: String,
        failure: IoFailure,
    },
    /// The copies of all calls take too many bytes.
    SpoolFull {
        most: u64,
        /// The variable that sets the limit of one file.
        variable: String,
    },
    /// The call ended while the file was copied.
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
                "names a file, and only the user who runs this connector can send files of its machine: send the bytes in base64",
            ),
            Self::NothingAllowed { variable } => write!(
                f,
                "names a file, and the user has allowed no folder to read from: {variable} names such folders"
            ),
            Self::Path(problem) => problem.fmt(f),
            Self::Limit(InvalidLimit { variable, text }) => {
                write!(f, "cannot be read: {variable} is {text:?}, and has to be a number of bytes")
            }
            Self::Outside { allowed } => {
                write!(f, "names a file outside of the folders that the user has allowed: {allowed}")
            }
            Self::FolderNotThere => {
                f.write_str("names a file that does not exist, nor does the folder that the user has allowed")
            }
            Self::NotThere => f.write_str("names a file that does not exist"),
            Self::NoFile => f.write_str("names something that is not a file"),
            Self::Unreadable(failure) => write!(f, "names a file that cannot be read: {failure}"),
            Self::TooLarge { limit, variable } => {
                write!(f, "names a file of more than {limit} bytes, the limit that {variable} sets")
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
