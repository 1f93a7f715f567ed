//! Refusals to open a file.

use std::io;

/// Why a file is not opened.
pub(super) enum Refused {
    /// The file is not below a folder that the user has allowed, or a link leads out of the folder.
    Outside,
    /// The path leads to a folder, a pipe or a device.
    NoFile,
    Io(io::Error),
}
