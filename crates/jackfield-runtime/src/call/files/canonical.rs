//! Opens files below an allowed folder on systems where a file cannot be opened relative to a folder's
//! descriptor. Links are resolved before the check, so a process that replaces links between check and open
//! can escape the folder.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::refused::Refused;

/// A folder that files may be read from.
#[derive(Debug)]
pub(super) struct Root {
    spelled: PathBuf,
    real: PathBuf,
}

impl Root {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { spelled: path.to_owned(), real: path.canonicalize()? })
    }

    pub(super) fn names(&self, path: &Path) -> bool {
        path.starts_with(&self.spelled) || path.starts_with(&self.real)
    }
}

/// Opens the file at that path, which begins with one of the folder's spellings. Returns the file's own name
/// too, because links may lead to it.
pub(super) fn open(roots: &[&Root], path: &Path) -> Result<(File, OsString), Refused> {
    let is_allowed = |path: &Path| roots.iter().any(|root| path.starts_with(&root.real));
    let canonical = path.canonicalize();
    // For a missing file, check the nearest existing ancestor, so that links out of the folder cannot be probed.
    let nearest = path.ancestors().find_map(|part| part.canonicalize().ok());
    if !nearest.is_some_and(|nearest| is_allowed(canonical.as_ref().unwrap_or(&nearest))) {
        return Err(Refused::Outside);
    }
    let path = canonical?;
    if !path.metadata()?.is_file() {
        return Err(Refused::NoFile);
    }
    let file = File::open(&path)?;
    if !file.metadata()?.is_file() {
        return Err(Refused::NoFile);
    }
    Ok((file, path.file_name().unwrap_or_default().to_owned()))
}
