//! Errors about the file in which a reply is to be stored.

use std::fmt;
use std::path::PathBuf;

use crate::call::argument_problem::ArgumentProblem;
use crate::call::folders::{InvalidLimit, PathProblem};
use crate::common::io_failure::IoFailure;

/// The reason why a reply cannot be stored, displayed as text that follows the argument's name. No request was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SaveError {
    NoText,
    NoBoolean,
    /// The variable with the size limit is not a number.
    Limit(InvalidLimit),
    Path(PathProblem),
    /// The path ends with a slash.
    NoName,
    /// The path is not below a folder that the user has allowed.
    Outside {
        /// The allowed folders, as the user has spelled them.
        allowed: String,
    },
    FolderNotThere,
    /// The folder in the path does not exist below the allowed folder, or is a link.
    NoFolder(PathBuf),
    /// A segment of the path begins with a dot.
    Hidden,
    /// A file with that name exists.
    Exists {
        /// The name of the argument that allows the call to replace the file.
        argument: &'static str,
    },
    /// The path names a folder, a link or a device.
    NoFile,
    Unwritable(IoFailure),
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoText => f.write_str("must be a string: the path of a file"),
            Self::NoBoolean => f.write_str("must be true or false"),
            Self::Limit(InvalidLimit { variable, text }) => {
                write!(f, "cannot be used: {variable} is {text:?}, but has to be a number of bytes")
            }
            Self::Path(problem) => problem.fmt(f),
            Self::NoName => f.write_str("names a folder: add a file name"),
            Self::Outside { allowed } => {
                write!(f, "names a file outside the folders that the user has allowed: {allowed}")
            }
            Self::FolderNotThere => {
                f.write_str("cannot be used: the folder that the user has allowed does not exist")
            }
            Self::NoFolder(folder) => {
                write!(
                    f,
                    "names a file in {}, which does not exist, is a link or is not a folder",
                    folder.display()
                )
            }
            Self::Hidden => f.write_str("has a name that begins with a dot: choose another name"),
            Self::Exists { argument } => {
                write!(
                    f,
                    "names an existing file: choose another name, or replace the file with `{argument}: true`"
                )
            }
            Self::NoFile => f.write_str("names a folder, link or device: choose another name"),
            Self::Unwritable(failure) => write!(f, "names a file that cannot be written: {failure}"),
        }
    }
}

impl std::error::Error for SaveError {}

impl From<SaveError> for ArgumentProblem {
    fn from(error: SaveError) -> Self {
        Self::Save(error.to_string())
    }
}
