//! Errors about files in which a reply is to be stored.

use std::fmt;
use std::path::PathBuf;

use crate::call::argument_problem::ArgumentProblem;
use crate::call::folders::{InvalidLimit, PathProblem};
use crate::common::io_failure::IoFailure;

/// Why a reply is not stored, as text that follows the argument's name. Nothing was sent.
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
        /// The folders in the user's spelling.
        allowed: String,
    },
    FolderNotThere,
    /// The folder of the path does not exist below the allowed folder, or is a link.
    NoFolder(PathBuf),
    /// A part of the path begins with a dot.
    Hidden,
    /// There is a file with that name.
    Exists {
        /// The argument that allows to replace it.
        argument: &'static str,
    },
    /// The name is that of a folder, a link or a device.
    NoFile,
    Unwritable(IoFailure),
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoText => f.write_str("must be a string: the path of a file"),
            Self::NoBoolean => f.write_str("must be true or false"),
            Self::Limit(InvalidLimit { variable, text }) => {
                write!(f, "cannot be used: {variable} is {text:?}, and has to be a number of bytes")
            }
            Self::Path(problem) => problem.fmt(f),
            Self::NoName => f.write_str("names a folder: add the name of a file"),
            Self::Outside { allowed } => {
                write!(f, "names a file outside of the folders that the user has allowed: {allowed}")
            }
            Self::FolderNotThere => {
                f.write_str("cannot be used: the folder that the user has allowed does not exist")
            }
            Self::NoFolder(folder) => {
                write!(f, "names a file in {}, which is a link or not a folder", folder.display())
            }
            Self::Hidden => f.write_str("has a name that begins with a dot: choose another name"),
            Self::Exists { argument } => {
                write!(f, "names a file that exists: choose another name, or give `{argument}: true`")
            }
            Self::NoFile => f.write_str("names something that exists and is not a file: choose another name"),
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
