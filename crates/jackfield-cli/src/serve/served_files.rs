//! The files of a served folder, which are read again when they change.

use std::path::PathBuf;

use jackfield_build::model::{SurfaceKind, visible_line};
use jackfield_build::{LOCK_FILE, Modelled, ServedFolder};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{ConnectorFiles, UnfitFiles};

use super::watched_files::WatchedFiles;
use crate::{Failure, paint, rows};

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

/// Tells the user which tools differ from the lock, and that hand-written tools are missing.
fn tell_differences(folder: &ServedFolder, modelled: &Modelled) {
    if let Some(changes) = modelled.lock_changes().filter(|changes| !changes.is_empty()) {
        let lines: Vec<String> =
            changes.to_string().lines().map(|line| format!("\n  {}", visible_line(line))).collect();
        paint::warn(&format!(
            "the connector differs from {LOCK_FILE}:{}\n  = help: review it, and run `{}`; `--locked` refuses to start",
            lines.concat(),
            folder.lock_command()
        ));
    }
    if let Some(path) = folder.handwritten_tools() {
        paint::warn(&format!(
            "the hand-written tools in {} are not served\n  = help: compile the connector to have them: `cargo build --release`",
            path.display()
        ));
    }
}
