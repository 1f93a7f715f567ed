//! The files that a user names: gateway.toml, agents, rules and the files of clients.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The text of a file.
///
/// # Errors
/// Returns an error if the file cannot be read, or is not UTF-8.
pub(crate) fn text(file: &Path) -> io::Result<String> {
    fs::read_to_string(file)
}

/// The bytes of a file. `None` if it does not exist.
///
/// # Errors
/// Returns an error if the file cannot be read.
pub(crate) fn bytes(file: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The absolute path of the folder of a file, neither of which has to exist.
pub(crate) fn folder(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}

/// The absolute path of a file, without links.
///
/// # Errors
/// Returns an error if the file does not exist.
pub(crate) fn canonical(file: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(file)
}
