//! Writes a large file so that it is never seen half written.

use std::ffi::OsString;
use std::fs::{File, rename};
use std::io::BufWriter;
use std::path::Path;

use crate::failure::Failure;

/// Writes a file beside its place, and moves it there when it is whole.
///
/// # Errors
/// Returns the error of `write`, or an error if the file cannot be written.
pub(super) fn write<T>(
    file: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let failed = |error: std::io::Error| Failure(format!("{} cannot be written: {error}", file.display()));
    let mut part = OsString::from(file);
    part.push(".part");
    let mut to = BufWriter::new(File::create(&part).map_err(failed)?);
    let result = write(&mut to)?;
    to.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
    rename(&part, file).map_err(failed)?;
    Ok(result)
}
