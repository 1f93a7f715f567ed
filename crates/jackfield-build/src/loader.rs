//! Loads files to which a document refers: files in the document's folder, and other files only if the user allows
//! them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_openapi::{LoadError, Loaded, Loader};

use crate::references::{References, is_remote, join};
use crate::relative::relative;

/// Loads files in the folder of the document or below it, and records them for `rerun-if-changed`.
pub(crate) struct FolderLoader<'r> {
    folder: PathBuf,
    /// The folder with links resolved, cached by the first look-up.
    canonical: Option<PathBuf>,
    /// The prefix of file names in messages, in the user's spelling.
    shown: String,
    references: &'r References,
    /// The maximum size of a fetched file, in bytes.
    limit: usize,
    read: Vec<PathBuf>,
    /// The files that were read, by name.
    known: BTreeSet<PathBuf>,
    unpinned: Vec<(String, String)>,
    /// Whether references to files are refused.
    is_alone: bool,
}

impl<'r> FolderLoader<'r> {
    /// Creates a loader for the document at `path`, which messages call `name`.
    pub(crate) fn new(path: &Path, name: &str, references: &'r References, limit: usize) -> Self {
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let shown = name.rfind(['/', '\\']).map_or_else(String::new, |at| name[..=at].to_owned());
        Self {
            folder,
            canonical: None,
            shown,
            references,
            limit,
            read: Vec::new(),
            known: BTreeSet::new(),
            unpinned: Vec::new(),
            is_alone: false,
        }
    }

    /// Loads no local files, for a document that was fetched or read from stdin.
    pub(crate) const fn without_files(mut self) -> Self {
        self.is_alone = true;
        self
    }

    /// Returns the URL and the digest of each file that was fetched and is not pinned yet.
    pub(crate) fn unpinned(&self) -> &[(String, String)] {
        &self.unpinned
    }

    /// Returns the files that were read, in order.
    pub(crate) fn into_read(self) -> Vec<PathBuf> {
        self.read
    }

    /// Returns the folder with links resolved. The result is cached.
    fn canonical(&mut self) -> std::io::Result<PathBuf> {
        if let Some(folder) = &self.canonical {
            return Ok(folder.clone());
        }
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        let folder = fs::canonicalize(folder)?;
        self.canonical = Some(folder.clone());
        Ok(folder)
    }

    fn remember(&mut self, path: PathBuf) {
        if self.known.insert(path.clone()) {
            self.read.push(path);
        }
    }

    fn fetch(&mut self, address: &str) -> Result<Loaded, LoadError> {
        let copy = self.references.remote(address, self.limit)?;
        self.remember(copy.path);
        if let Some(pin) = copy.unpinned {
            self.unpinned.push((address.to_owned(), pin));
        }
        Ok(Loaded { name: address.into(), bytes: copy.bytes })
    }

    fn reach(&mut self, base: &str, reference: &str) -> Result<Loaded, LoadError> {
        if is_remote(base) || is_remote(reference) {
            return self.fetch(&join(base, reference));
        }
        if reference.contains("://") {
            return Err(LoadError::Refused("a reference can lead only to a file or an HTTP URL".to_owned()));
        }
        if self.is_alone {
            return Err(LoadError::Refused(
                "only the document itself was fetched; download the document and the files that it refers to, and generate from these local files"
                    .to_owned(),
            ));
        }
        let base = Path::new(base.strip_prefix(&self.shown).unwrap_or(base));
        let wanted = self.folder.join(base).parent().unwrap_or(&self.folder).join(reference);
        let outside = || LoadError::Refused("the file is outside the document's folder".to_owned());
        let unreadable = |error: std::io::Error| LoadError::Unreadable(error.to_string());
        let folder = self.canonical().map_err(unreadable)?;
        let may_leave = self.references.outside;
        // Links are resolved before the comparison, so that a link cannot lead out of the folder.
        let path = match fs::canonicalize(&wanted) {
            Ok(path) => path,
            Err(_) if !may_leave && lexically_outside(base, reference) => return Err(outside()),
            Err(error) => return Err(unreadable(error)),
        };
        if !may_leave && path.strip_prefix(&folder).is_err() {
            return Err(outside());
        }
        let name: Arc<str> = format!("{}{}", self.shown, relative(&folder, &path)).into();
        let bytes = fs::read(&path).map_err(unreadable)?;
        self.remember(path);
        Ok(Loaded { name, bytes })
    }
}

impl Loader for FolderLoader<'_> {
    fn load(&mut self, base: &str, reference: &str) -> Result<Loaded, LoadError> {
        self.reach(base, reference)
    }
}

/// Whether a reference leads out of the folder. Only its text is examined, because the file might not exist.
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
