//! Detects changes of files by polling.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

/// The maximum size of a file whose content is compared. A larger file counts as changed if its size or modification time differs.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The watched files, with their state when they were read.
#[derive(Debug, Default)]
pub(super) struct WatchedFiles {
    known: Vec<Watched>,
    /// The stamps of the last poll, if they differed from the recorded stamps.
    unsettled: Option<Vec<Option<Stamp>>>,
}

#[derive(Debug)]
struct Watched {
    path: PathBuf,
    /// `None` if the file did not exist.
    stamp: Option<Stamp>,
    content: Option<[u8; 32]>,
}

/// The metadata of a file. Almost every change of the content changes the stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    changed: Option<SystemTime>,
    inode: u64,
}

impl WatchedFiles {
    /// Records the state of the files. Has to be called before the files are read, so that changes during the reading are detected.
    pub(super) fn of(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut files = Self::default();
        files.add(paths);
        files
    }

    /// Adds further files that were read.
    pub(super) fn add(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        for path in paths {
            if !self.known.iter().any(|known| known.path == path) {
                self.known.push(Watched::look_at(path));
            }
        }
    }

    /// Removes the files that are no longer read.
    pub(super) fn keep_only(&mut self, paths: &[PathBuf]) {
        self.known.retain(|known| paths.contains(&known.path));
    }

    /// Returns the first path that is not a regular file. Reading from a pipe, for example, might never end.
    pub(super) fn unreadable(&self) -> Option<&Path> {
        let is_other = |path: &Path| fs::metadata(path).is_ok_and(|facts| !facts.is_file());
        self.known.iter().map(|known| known.path.as_path()).find(|path| is_other(path))
    }

    /// Returns whether the content of a file has changed. Unless a user asked for a reload, a change counts only if
    /// the stamps are the same in two polls, so that a file is not read while a program writes it.
    pub(super) fn have_changed(&mut self, is_asked: bool) -> bool {
        let now: Vec<Option<Stamp>> = self.known.iter().map(|known| stamp(&known.path)).collect();
        if self.known.iter().map(|known| known.stamp).eq(now.iter().copied()) {
            self.unsettled = None;
            return false;
        }
        if !is_asked && self.unsettled.as_ref() != Some(&now) {
            self.unsettled = Some(now);
            return false;
        }
        self.unsettled = None;
        let looked: Vec<Watched> =
            self.known.iter().map(|known| Watched::look_at(known.path.clone())).collect();
        let changed = self.known.iter().zip(&looked).any(|(known, now)| known.differs_from(now));
        self.known = looked;
        changed
    }

    /// Returns the digest of the names and contents of all files.
    pub(super) fn digest(&self) -> [u8; 32] {
        let mut parts = Vec::new();
        for Watched { path, content, .. } in &self.known {
            let name = path.as_os_str().as_encoded_bytes();
            parts.extend((name.len() as u64).to_le_bytes());
            parts.extend(name);
            parts.push(u8::from(content.is_some()));
            parts.extend(content.unwrap_or_default());
        }
        Sha256::digest(&parts).into()
    }
}

impl Watched {
    fn look_at(path: PathBuf) -> Self {
        let stamp = stamp(&path);
        let content = stamp.filter(|stamp| stamp.size <= LARGEST).and_then(|_| content(&path).ok());
        Self { path, stamp, content }
    }

    fn differs_from(&self, now: &Self) -> bool {
        match (&self.content, &now.content) {
            (Some(before), Some(now)) => before != now,
            _ => self.stamp != now.stamp,
        }
    }
}

/// Returns the stamp of a file, or `None` if the file does not exist. Only a regular file has content that can be read to its end.
fn stamp(path: &Path) -> Option<Stamp> {
    let facts = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&facts);
    #[cfg(not(unix))]
    let inode = 0;
    Some(Stamp { size: facts.len(), changed: facts.modified().ok(), inode })
}

fn content(path: &Path) -> io::Result<[u8; 32]> {
    let (mut file, mut digest) = (File::open(path)?.take(LARGEST), Sha256::new());
    let mut bytes = vec![0; 64 * 1024];
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(digest.finalize().into()),
            read => digest.update(bytes.get(..read).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self) -> PathBuf {
            self.0.path().join("a.yaml")
        }

        fn write(&self, text: &str) {
            // As in editors, a new file replaces the old file, so that the test does not depend on the resolution of the clock.
            let new = self.0.path().join("new");
            fs::write(&new, text).unwrap();
            fs::rename(new, self.path()).unwrap();
        }
    }

    #[test]
    fn change_of_a_file_is_detected_when_the_file_stops_changing() {
        let folder = Folder::new();
        folder.write("a");
        let mut files = WatchedFiles::of([folder.path()]);
        let before = files.digest();
        assert!(!files.have_changed(false) && !files.have_changed(true));
        folder.write("ab");
        assert!(!files.have_changed(false), "a program may still be writing the file");
        assert!(files.have_changed(false));
        assert!(!files.have_changed(false));
        assert_ne!(files.digest(), before);
        folder.write("abc");
        assert!(files.have_changed(true), "a user asked for the reload");
    }

    #[test]
    fn replacing_a_file_by_one_with_the_same_content_is_not_a_change() {
        let folder = Folder::new();
        folder.write("a");
        let mut files = WatchedFiles::of([folder.path()]);
        let before = files.digest();
        folder.write("a");
        assert!(!files.have_changed(true));
        assert_eq!(files.digest(), before);
    }

    #[test]
    fn removing_or_creating_a_file_is_a_change() {
        let folder = Folder::new();
        let mut files = WatchedFiles::of([folder.path()]);
        folder.write("a");
        assert!(files.have_changed(true));
        fs::remove_file(folder.path()).unwrap();
        assert!(files.have_changed(true));
        fs::create_dir(folder.path()).unwrap();
        assert!(!files.have_changed(true), "a folder is not a file");
    }
}
