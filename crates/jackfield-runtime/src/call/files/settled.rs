//! Opens what lies below an allowed folder, on systems without descriptors of folders: links are followed before it is
//! decided. Whoever can move links in the folder at that very moment is not kept out.

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

/// Opens the file of that path, which one of the folders names; gives its own name too, where links lead to it.
pub(super) fn open(roots: &[&Root], path: &Path) -> Result<(File, OsString), Refused> {
    let is_allowed = |path: &Path| roots.iter().any(|root| path.starts_with(&root.real));
    let settled = path.canonicalize();
    // Where there is no such file, its nearest folder decides: a link out must not tell what is behind it.
    let nearest = path.ancestors().find_map(|part| part.canonicalize().ok());
    if !nearest.is_some_and(|nearest| is_allowed(settled.as_ref().unwrap_or(&nearest))) {
        return Err(Refused::Outside);
    }
    let path = settled?;
    if !path.metadata()?.is_file() {
        return Err(Refused::NoFile);
    }
    let file = File::open(&path)?;
    if !file.metadata()?.is_file() {
        return Err(Refused::NoFile);
    }
    Ok((file, path.file_name().unwrap_or_default().to_owned()))
}
