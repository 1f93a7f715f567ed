//! Opens files below an allowed folder on systems where a file cannot be opened relative to the descriptor of a folder.
//! Links are resolved before the check, so a process that replaces links between the check and the opening can escape the
//! folder.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::refused::Refused;

/// An allowed folder.
#[derive(Debug)]
pub(super) struct Root {
    spelled: PathBuf,
    real: PathBuf,
}

impl Root {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { spelled: path.to_owned(), real: path.canonicalize()? })
    }

    /// Returns the path relative to the folder. `None` if the path begins with neither spelling of the folder.
    pub(super) fn below<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        [&self.spelled, &self.real].into_iter().find_map(|name| path.strip_prefix(name).ok())
    }

    pub(super) fn names(&self, path: &Path) -> bool {
        path.starts_with(&self.spelled) || path.starts_with(&self.real)
    }

    /// Opens the file at a path that begins with one of the folder's spellings. Also returns the name of the opened file,
    /// which differs from the path if links lead to it.
    pub(super) fn open_file(roots: &[&Self], path: &Path) -> Result<(File, OsString), Refused> {
        let path = Self::resolved(roots, path)?;
        if !path.metadata()?.is_file() {
            return Err(Refused::NoFile);
        }
        let file = File::open(&path)?;
        if !file.metadata()?.is_file() {
            return Err(Refused::NoFile);
        }
        Ok((file, path.file_name().unwrap_or_default().to_owned()))
    }

    /// Opens the folder at a path.
    pub(super) fn open_folder(roots: &[&Self], path: &Path) -> Result<Folder, Refused> {
        let path = Self::resolved(roots, path)?;
        if path.metadata()?.is_dir() { Ok(Folder(path)) } else { Err(Refused::NoFile) }
    }

    fn resolved(roots: &[&Self], path: &Path) -> Result<PathBuf, Refused> {
        let is_allowed = |path: &Path| roots.iter().any(|root| path.starts_with(&root.real));
        let canonical = path.canonicalize();
        // For a missing file, check the nearest existing ancestor, so that a link out of the folder cannot be probed.
        let nearest = path.ancestors().find_map(|part| part.canonicalize().ok());
        if !nearest.is_some_and(|nearest| is_allowed(canonical.as_ref().unwrap_or(&nearest))) {
            return Err(Refused::Outside);
        }
        Ok(canonical?)
    }
}

/// A folder in which files are stored.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn create(&self, name: &str) -> io::Result<File> {
        File::options().write(true).create_new(true).open(self.0.join(name))
    }

    /// Returns `None`, because these systems do not support unnamed files.
    pub(crate) const fn create_unnamed(&self) -> Option<File> {
        None
    }

    pub(crate) fn give_name(&self, _: &File, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Whether a name belongs to a regular file. `None` if nothing has this name.
    pub(crate) fn is_file(&self, name: &OsStr) -> io::Result<Option<bool>> {
        match self.0.join(name).symlink_metadata() {
            Ok(found) => Ok(Some(found.is_file())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Renames a file to its final name. An existing file with that name is replaced.
    pub(crate) fn replace(&self, from: &str, to: &OsStr) -> io::Result<()> {
        std::fs::rename(self.0.join(from), self.0.join(to))
    }

    /// Renames a file to its final name. Returns the error `AlreadyExists` if a file with that name exists.
    pub(crate) fn publish(&self, from: &str, to: &OsStr) -> io::Result<()> {
        std::fs::hard_link(self.0.join(from), self.0.join(to))?;
        std::fs::remove_file(self.0.join(from))
    }

    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.0.join(name))
    }

    /// Does nothing, because these systems cannot sync a folder to disk.
    pub(crate) const fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
