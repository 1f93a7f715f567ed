//! The files of a served folder, which are read again when they change.

use std::path::PathBuf;

use jackfield_build::model::SurfaceKind;
use jackfield_build::{Modelled, ServedFolder};
use jackfield_runtime::ConnectorFiles;
use jackfield_runtime::rows::ConnectorRows;

use super::tell_differences;
use super::watched_files::WatchedFiles;
use crate::{Failure, rows};

/// A connector.toml, and everything that is read because of it.
pub(super) struct ServedFiles {
    manifest: PathBuf,
    /// Whether any difference from the lock is refused.
    is_locked: bool,
    /// The surface of the options, if they have one.
    surface: Option<SurfaceKind>,
    files: WatchedFiles,
}

impl ServedFiles {
    pub(super) fn new(manifest: PathBuf, is_locked: bool, surface: Option<SurfaceKind>) -> Self {
        let files = WatchedFiles::of([manifest.clone()]);
        Self { manifest, is_locked, surface, files }
    }

    /// Reads the files, and tells the user how they differ from the lock if a server is started.
    ///
    /// # Errors
    /// A file is invalid, or the lock does not permit it.
    pub(super) fn read(&mut self, is_server: bool) -> Result<ConnectorRows, Failure> {
        let folder = ServedFolder::open(&self.manifest)?;
        self.files.add(folder.files());
        if let Some(path) = self.files.unreadable() {
            return Err(Failure::Other(format!("{} is not a file", path.display())));
        }
        let modelled = match self.is_locked {
            true => folder.locked_model()?,
            false => folder.model()?,
        };
        let mut read = folder.files();
        read.push(self.manifest.clone());
        read.extend(modelled.report.read.iter().cloned());
        self.files.keep_only(&read);
        self.files.add(read);
        if is_server {
            tell_differences(&folder, &modelled);
        }
        Ok(rows::connector_with(self.surface_of(&modelled, is_server), modelled))
    }

    fn surface_of(&self, modelled: &Modelled, is_server: bool) -> SurfaceKind {
        match is_server {
            true => self.surface.unwrap_or(modelled.connector.surface),
            false => SurfaceKind::Each,
        }
    }
}

impl ConnectorFiles for ServedFiles {
    fn read_changed(&mut self, is_asked: bool) -> Option<Result<ConnectorRows, String>> {
        self.files.have_changed(is_asked).then(|| self.read(true).map_err(text_of))
    }

    fn digest(&self) -> [u8; 32] {
        self.files.digest()
    }
}

fn text_of(failure: Failure) -> String {
    match failure {
        Failure::Build(error) => error.to_string(),
        Failure::Other(text) => text,
    }
}
