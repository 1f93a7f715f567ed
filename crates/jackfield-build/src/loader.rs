//! Files of a document, from disk: those below its folder, and no others.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_openapi::{LoadError, Loaded, Loader};

/// Reads the files that lie beside the document or below its folder. Remembers them for `rerun-if-changed`.
pub(crate) struct FolderLoader {
    folder: PathBuf,
    /// The part of a name in front of what the folder adds, as the user wrote it.
    shown: String,
    read: Vec<PathBuf>,
}

impl FolderLoader {
    /// For the document at `path`, which messages call `name`.
    pub(crate) fn new(path: &Path, name: &str) -> Self {
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let shown = name.rfind(['/', '\\']).map_or_else(String::new, |at| name[..=at].to_owned());
        Self { folder, shown, read: Vec::new() }
    }

    /// Every file that was read, in the order of reading.
    pub(crate) fn into_read(self) -> Vec<PathBuf> {
        self.read
    }

    fn reach(&mut self, base: &str, reference: &str) -> Result<Loaded, LoadError> {
        if reference.contains("://") || reference.starts_with("//") {
            return Err(LoadError::Refused("it lies on the network, and nothing is fetched".to_owned()));
        }
        let base = Path::new(base.strip_prefix(&self.shown).unwrap_or(base));
        let wanted = self.folder.join(base).parent().unwrap_or(&self.folder).join(reference);
        let outside = || LoadError::Refused("it lies outside the document's folder".to_owned());
        let unreadable = |error: std::io::Error| LoadError::Unreadable(error.to_string());
        let folder =
            fs::canonicalize(if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder });
        let folder = folder.map_err(unreadable)?;
        // Links are followed before the comparison, so that none leads out.
        let path = match fs::canonicalize(&wanted) {
            Ok(path) => path,
            Err(_) if lexically_outside(base, reference) => return Err(outside()),
            Err(error) => return Err(unreadable(error)),
        };
        let inner = path.strip_prefix(&folder).map_err(|_| outside())?;
        let parts: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        let name: Arc<str> = format!("{}{}", self.shown, parts.join("/")).into();
        let bytes = fs::read(&path).map_err(unreadable)?;
        if !self.read.contains(&path) {
            self.read.push(path);
        }
        Ok(Loaded { name, bytes })
    }
}

impl Loader for FolderLoader {
    fn load(&mut self, base: &str, reference: &str) -> Result<Loaded, LoadError> {
        self.reach(base, reference)
    }
}

/// Whether a reference climbs out of the folder, even where nothing lies there.
fn lexically_outside(base: &Path, reference: &str) -> bool {
    let mut depth = base.components().count() as isize - 1;
    if Path::new(reference).is_absolute() {
        return true;
    }
    for part in reference.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        if depth < 0 {
            return true;
        }
    }
    false
}
