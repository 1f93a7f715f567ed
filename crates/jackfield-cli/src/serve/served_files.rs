//! The files of a served folder. They are reloaded when they change.

use std::path::PathBuf;

use jackfield_build::model::SurfaceKind;
use jackfield_build::{Modelled, ServedFolder, ServedModel, Withheld};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{ConnectorFiles, UnfitFiles};

use super::watched_files::WatchedFiles;
use crate::{Failure, paint, rows, withheld};

/// A connector.toml, and all files to which it refers.
pub(super) struct ServedFiles {
    manifest: PathBuf,
    /// Whether any difference from the lock is an error.
    is_locked: bool,
    /// The value of the option `--surface`, if it is given.
    surface: Option<SurfaceKind>,
    files: WatchedFiles,
}

impl ServedFiles {
    pub(super) fn new(manifest: PathBuf, is_locked: bool, surface: Option<SurfaceKind>) -> Self {
        let files = WatchedFiles::of([manifest.clone()]);
        Self { manifest, is_locked, surface, files }
    }

    /// Reads the files. If a server is started, prints how they differ from the lock.
    ///
    /// # Errors
    /// Returns an error if a file is invalid, or the lock does not permit the files.
    pub(super) fn read(&mut self, is_server: bool) -> Result<ConnectorRows, Failure> {
        let folder = ServedFolder::open(&self.manifest)?;
        self.files.add(folder.files());
        if let Some(path) = self.files.unreadable() {
            return Err(Failure::Other(format!("{} is not a file", path.display())));
        }
        let served = match self.is_locked {
            true => ServedModel { modelled: folder.locked_model()?, withheld: Withheld::default() },
            false => folder.model()?,
        };
        let mut read = folder.files();
        read.push(self.manifest.clone());
        read.extend(served.modelled.report.read.iter().cloned());
        self.files.keep_only(&read);
        self.files.add(read);
        if is_server {
            withheld::tell(&served);
            tell_missing_code(&folder);
        }
        Ok(rows::of_served(self.surface_of(&served.modelled, is_server), served))
    }

    fn surface_of(&self, modelled: &Modelled, is_server: bool) -> SurfaceKind {
        match is_server {
            true => self.surface.unwrap_or(modelled.connector.surface),
            false => SurfaceKind::Each,
        }
    }
}

impl ConnectorFiles for ServedFiles {
    fn read_changed(&mut self, is_asked: bool) -> Option<Result<ConnectorRows, UnfitFiles>> {
        self.files.have_changed(is_asked).then(|| self.read(true).map_err(unfit))
    }

    fn digest(&self) -> [u8; 32] {
        self.files.digest()
    }
}

fn unfit(failure: Failure) -> UnfitFiles {
    UnfitFiles::new(match failure {
        Failure::Build(error) => error.to_string(),
        Failure::Other(text) => text,
    })
}

/// Prints a note if the folder has hand-written tools, because they are not served.
fn tell_missing_code(folder: &ServedFolder) {
    if let Some(path) = folder.handwritten_tools() {
        paint::warn(&format!(
            "the hand-written tools in {} are not served\n  = help: compile the connector to serve them: `cargo build --release`",
            path.display()
        ));
    }
}
