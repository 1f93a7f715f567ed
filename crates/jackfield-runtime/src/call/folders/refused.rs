//! The reasons why a file or a folder is not opened.

use std::io;

/// The reason why a file or a folder is not opened.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The path is not below a folder that the user has allowed, or a link leads out of the folder.
    Outside,
    /// None of the allowed folders exists.
    NoRoot,
    /// The path leads to a folder, a pipe or a device instead of a file.
    NoFile,
    Io(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
