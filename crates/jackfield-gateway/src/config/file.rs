//! Reads the files that a user names: gateway.toml, agents, rules and the files of clients.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Reads a file as text.
///
/// # Errors
/// Returns an error if the file cannot be read, or is not UTF-8.
pub(crate) fn text(file: &Path) -> io::Result<String> {
    fs::read_to_string(file)
}

/// Reads the bytes of a file. `None` if the file does not exist.
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

/// Returns the absolute path of the folder that contains a file. The folder and the file may be missing.
pub(crate) fn folder(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}

/// Returns the absolute path of a file, with symbolic links resolved.
///
/// # Errors
/// Returns an error if the file does not exist.
pub(crate) fn canonical(file: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(file)
}
