//! A file that is being stored. It gets its final name when it is complete; otherwise it is removed.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use jackfield_recipe::hex_encode;
use sha2::{Digest as _, Sha256};

use super::problem::SaveProblem;
use super::target::SaveTarget;
use crate::call::folders::Folder;
use crate::common::spool::temporary_name;

/// A file that is being stored. If it is dropped before it is complete, it is removed.
#[derive(Debug)]
pub(crate) struct PartialFile {
    folder: Arc<Folder>,
    /// The temporary name, which the file gets shortly before it gets its final name. On systems without unnamed files, the file has this
    /// name from the beginning.
    temporary: String,
    has_name: bool,
    file: File,
    length: u64,
    digest: Sha256,
    is_published: bool,
}

/// A file that was stored completely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SavedFile {
    pub(crate) path: PathBuf,
    pub(crate) length: u64,
    /// The SHA-256 digest of the content, in hexadecimal digits.
    pub(crate) sha256: String,
}

impl PartialFile {
    /// Creates the file. If the system supports unnamed files, the file has no name, so that a killed process leaves no file. Otherwise,
    /// the file has a temporary name.
    pub(crate) fn create(target: &SaveTarget) -> Result<Self, SaveProblem> {
        let create = || {
            let temporary = temporary_name()?;
            Ok(match target.folder.create_unnamed() {
                Some(file) => (temporary, file, false),
                None => {
                    let file = target.folder.create(&temporary)?;
                    (temporary, file, true)
                }
            })
        };
        let (temporary, file, has_name) = create().map_err(|error: io::Error| disk(target, error))?;
        let (folder, digest) = (Arc::clone(&target.folder), Sha256::new());
        Ok(Self { folder, temporary, has_name, file, length: 0, digest, is_published: false })
    }

    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// Appends bytes to the file.
    pub(crate) fn write(&mut self, target: &SaveTarget, bytes: &[u8]) -> Result<(), SaveProblem> {
        target.admit(self.length.saturating_add(bytes.len() as u64))?;
        self.file.write_all(bytes).map_err(|error| disk(target, error))?;
        self.digest.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Gives the complete file its final name.
    pub(crate) fn finish(mut self, target: &SaveTarget) -> Result<SavedFile, SaveProblem> {
        let mut publish = || {
            self.file.sync_all()?;
            if !self.has_name {
                self.folder.give_name(&self.file, &self.temporary)?;
                self.has_name = true;
            }
            match (target.replaces, self.folder.is_file(&target.name)?) {
                (true, Some(true)) => self.folder.replace(&self.temporary, &target.name),
                _ => self.folder.publish(&self.temporary, &target.name),
            }?;
            self.is_published = true;
            self.folder.sync()
        };
        let published = publish();
        published.map_err(|error: io::Error| match error.kind() {
            _ if self.is_published => {
                SaveProblem::NotSynced { path: target.path.clone(), failure: error.into() }
            }
            io::ErrorKind::AlreadyExists => SaveProblem::Exists(target.path.clone()),
            _ => disk(target, error),
        })?;
        let sha256 = hex_encode(&std::mem::take(&mut self.digest).finalize());
        Ok(SavedFile { path: target.path.clone(), length: self.length, sha256 })
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if self.has_name && !self.is_published {
            let _ = self.folder.remove(&self.temporary);
        }
    }
}

fn disk(target: &SaveTarget, error: io::Error) -> SaveProblem {
    SaveProblem::Disk { path: target.path.clone(), failure: error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `/dev/full` is a device on which every write fails as on a full disk.
    #[cfg(target_os = "linux")]
    #[test]
    fn write_to_a_full_disk_fails_and_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let target = super::super::tests::target(folder.path(), "a.bin");
        let mut file = PartialFile::create(&target).unwrap();
        file.file = File::options().write(true).open("/dev/full").unwrap();
        let problem = file.write(&target, b"abc").unwrap_err().to_string();
        assert!(problem.contains("a.bin: No space left on device"), "{problem}");
        drop(file);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn killed_process_leaves_no_partial_file() {
        let folder = tempfile::tempdir().unwrap();
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        let target = super::super::tests::target(folder.path(), "a.bin");
        let mut file = PartialFile::create(&target).unwrap();
        file.write(&target, b"abc").unwrap();
        // A killed process does not drop its values.
        assert_eq!(names(), 0);
        file.finish(&target).unwrap();
        assert_eq!(std::fs::read(folder.path().join("a.bin")).unwrap(), b"abc");
        assert_eq!(names(), 1);
    }

    #[test]
    fn incomplete_download_with_a_temporary_name_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        let target = super::super::tests::target(folder.path(), "a.bin");
        let named = || {
            let mut file = PartialFile::create(&target).unwrap();
            if !file.has_name {
                file.file = target.folder.create(&file.temporary).unwrap();
                file.has_name = true;
            }
            file.write(&target, b"abc").unwrap();
            file
        };
        drop(named());
        assert_eq!(names(), 0);
        named().finish(&target).unwrap();
        assert_eq!(names(), 1);
    }
}
