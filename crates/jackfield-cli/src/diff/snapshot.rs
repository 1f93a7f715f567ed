//! Copies the files of a git revision into a temporary folder.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::git::{self, Entry, Revision};
use crate::Failure;

/// The maximum number of files in a snapshot.
const MOST_FILES: usize = 20_000;
/// The maximum number of bytes of all files in a snapshot.
const MOST_BYTES: u64 = 256 << 20;
/// The extensions of the files of documents and connectors.
const ENDINGS: [&str; 6] = ["json", "lock", "pem", "toml", "yaml", "yml"];

/// The files of a revision in a temporary folder. The folder is removed when this value is dropped.
#[derive(Debug)]
pub(crate) struct Snapshot {
    folder: PathBuf,
    /// The path of the named file or folder, relative to the root of the repository.
    named: PathBuf,
    /// The connector.toml, if a connector was named.
    manifest: Option<PathBuf>,
}

impl Snapshot {
    /// Copies the files of a document or connector: the files in its folder, and in the folders of the files that connector.toml names.
    ///
    /// # Errors
    /// Returns an error if the revision does not contain the file or folder, or if the folder is too large.
    pub(crate) fn of(revision: &Revision, named: &Path) -> Result<Self, Failure> {
        let (root, prefix) = git::place()?;
        let wanted = within(&root, &prefix, named)?;
        let missing =
            || Failure::Other(format!("{} has no file or folder {}", revision.as_str(), shown(&wanted)));
        let all = revision.files(&wanted)?;
        let is_file = all.len() == 1 && all[0].path == wanted;
        let manifest = match (is_file, wanted.extension().is_some_and(|it| it == "toml")) {
            (true, true) => Some(wanted.clone()),
            (true, false) => None,
            (false, _) => {
                let manifest = wanted.join("connector.toml");
                if all.is_empty() {
                    return Err(missing());
                }
                if !all.iter().any(|entry| entry.path == manifest) {
                    return Err(Failure::Other(format!(
                        "{}:{} is a folder without connector.toml: name its document, as in {}:{}",
                        revision.as_str(),
                        shown(&wanted),
                        revision.as_str(),
                        shown(&wanted.join("openapi.yaml")),
                    )));
                }
                Some(manifest)
            }
        };
        let mut snapshot = Self { folder: new_folder()?, named: wanted.clone(), manifest: manifest.clone() };
        let folder = if is_file { parent(&wanted) } else { wanted };
        let mut done = BTreeSet::new();
        snapshot.copy(revision, &folder, &mut done)?;
        if let Some(manifest) = manifest {
            let text = git::read_text(&snapshot.folder.join(&manifest))?;
            // An invalid connector.toml is ignored here, because reading the connector reports it with its position.
            for file in jackfield_build::files_of_manifest(&text).unwrap_or_default() {
                // A file outside the repository does not belong to the revision, so it is not copied.
                let Some(path) = normal(&parent(&manifest).join(&file)) else { continue };
                let folder = parent(&path);
                if !done.iter().any(|known: &PathBuf| folder.starts_with(known)) {
                    snapshot.copy(revision, &folder, &mut done)?;
                }
            }
        }
        snapshot.named = snapshot.folder.join(&snapshot.named);
        Ok(snapshot)
    }

    /// Returns the folder that stands for the root of the repository.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// Returns the path of the connector.toml in that folder, if a connector was named.
    pub(crate) fn manifest(&self) -> Option<&Path> {
        self.manifest.as_deref()
    }

    /// Returns the document, if one was named.
    pub(crate) fn document(&self) -> PathBuf {
        self.named.clone()
    }

    fn copy(&self, revision: &Revision, folder: &Path, done: &mut BTreeSet<PathBuf>) -> Result<(), Failure> {
        let has_ending = |entry: &Entry| {
            let ending = entry.path.extension().map(|it| it.to_string_lossy().to_ascii_lowercase());
            entry.path == self.named || ending.is_some_and(|it| ENDINGS.contains(&it.as_str()))
        };
        let mut entries = revision.files(folder)?;
        entries.retain(has_ending);
        // If the folder is too large, only the named file is copied.
        let size = |entries: &[Entry]| entries.iter().map(|entry| entry.size).sum::<u64>();
        if entries.len() > MOST_FILES || size(&entries) > MOST_BYTES {
            entries.retain(|entry| entry.path == self.named);
        }
        if size(&entries) > MOST_BYTES {
            return Err(Failure::Other(format!(
                "revision {} has more than {} MiB in {}",
                revision.as_str(),
                MOST_BYTES >> 20,
                shown(folder)
            )));
        }
        for (entry, content) in entries.iter().zip(git::contents(&entries)?) {
            let path = self.folder.join(&entry.path);
            let written = fs::create_dir_all(parent(&path)).and_then(|()| fs::write(&path, content));
            written.map_err(|error| Failure::Other(format!("cannot write {}: {error}", path.display())))?;
        }
        done.insert(folder.to_path_buf());
        Ok(())
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // An error is ignored, because the system cleans up temporary files.
        _ = fs::remove_dir_all(&self.folder);
    }
}

/// Returns the path of `named`, relative to the root of the repository.
fn within(root: &Path, prefix: &Path, named: &Path) -> Result<PathBuf, Failure> {
    let outside =
        || Failure::Other(format!("{} is outside the git repository {}", named.display(), root.display()));
    if named.is_absolute() {
        let whole = fs::canonicalize(named).unwrap_or_else(|_| named.to_path_buf());
        let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf());
        return Ok(whole.strip_prefix(root).map_err(|_| outside())?.to_path_buf());
    }
    normal(&prefix.join(named)).ok_or_else(outside)
}

/// Returns a relative path without `.` and `..`. Returns None if the path leads out of the root.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(part),
            Component::CurDir => {}
            Component::ParentDir => {
                if !parts.pop() {
                    return None;
                }
            }
            Component::Prefix(_) | Component::RootDir => return None,
        }
    }
    Some(parts)
}

fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_path_buf()
}

fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    if text.is_empty() { ".".to_owned() } else { text }
}

/// Creates a folder that only this user can read.
fn new_folder() -> Result<PathBuf, Failure> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    let name =
        format!("jackfield-diff-{}-{time}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    // This fails if the path already exists, so that no other user can prepare the folder.
    builder
        .create(&path)
        .map_err(|error| Failure::Other(format!("cannot create {}: {error}", path.display())))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_that_leads_out_of_the_repository_is_not_normalized() {
        assert_eq!(normal(Path::new("a/./b/../c.yaml")), Some(PathBuf::from("a/c.yaml")));
        assert_eq!(normal(Path::new(".")), Some(PathBuf::new()));
        for path in ["../a", "a/../../b", "/etc"] {
            assert_eq!(normal(Path::new(path)), None, "{path}");
        }
    }
}
