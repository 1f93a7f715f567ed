//! The SHA-256 of a file.

use std::fs;
use std::path::{Path, PathBuf};

use jackfield_recipe::hex_encode;
use sha2::{Digest as _, Sha256};

use crate::package::fault::PackageFault;

/// The maximum size of a package's file.
const MOST_BYTES: u64 = 1 << 30;

/// Returns the SHA-256 of bytes in hexadecimal digits.
pub(super) fn of_bytes(bytes: &[u8]) -> String {
    hex_encode(&Sha256::digest(bytes))
}

/// Returns the only file in a folder, with its SHA-256.
///
/// # Errors
/// Returns an error if there is not exactly one, or if it cannot be read.
pub(super) fn of_only_file(folder: &Path) -> Result<(PathBuf, String), PackageFault> {
    let failed = |error| PackageFault::at(folder, error);
    let entries =
        fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>).map_err(failed)?;
    let [entry] = &entries[..] else {
        return Err(PackageFault::at(folder, format!("expected one file, found {}", entries.len())));
    };
    let path = entry.path();
    if entry.metadata().map_err(failed)?.len() > MOST_BYTES {
        return Err(PackageFault::at(&path, "it is too large"));
    }
    let bytes = fs::read(&path).map_err(failed)?;
    Ok((path, of_bytes(&bytes)))
}
