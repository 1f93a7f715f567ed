//! Writes packages into a folder, and removes outdated files of the last run. Files that `ship` did not write are
//! neither replaced nor removed.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use jackfield_ship::{CHECKSUMS, PackageFile, parse_checksums};

use crate::Failure;
use crate::catalogue::sha256;

/// The maximum number of bytes of a list of digests.
const MOST_CHECKSUMS: u64 = 4 << 20;

/// The folder of the packages, and the files that an earlier run wrote into it.
pub(super) struct PackageFolder {
    path: PathBuf,
    /// The digest of each file of the earlier run.
    earlier: BTreeMap<String, String>,
}

impl PackageFolder {
    /// Opens the folder, which may be missing.
    ///
    /// # Errors
    /// Returns an error if the path is not a folder.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        if path.exists() && !path.is_dir() {
            return Err(Failure::Other(format!(
                "{} is not a folder: name a folder with --out",
                path.display()
            )));
        }
        let list = path.join(CHECKSUMS);
        let is_short = fs::metadata(&list).is_ok_and(|it| it.is_file() && it.len() <= MOST_CHECKSUMS);
        let text = if is_short { fs::read_to_string(&list).unwrap_or_default() } else { String::new() };
        let mut earlier: BTreeMap<String, String> =
            parse_checksums(&text).map(|(path, digest)| (path.to_owned(), digest.to_owned())).collect();
        if !earlier.is_empty() {
            earlier.insert(CHECKSUMS.to_owned(), sha256(text.as_bytes()));
        }
        Ok(Self { path: path.to_path_buf(), earlier })
    }

    /// Writes the files, and removes the files of the earlier run that are not written again.
    ///
    /// # Errors
    /// Returns an error if a file that would be replaced is not from an earlier run, or if a file cannot be written. Some files may then
    /// already be written.
    pub(super) fn replace(&self, files: &[PackageFile]) -> Result<(), Failure> {
        for file in files {
            let path = self.path.join(&file.path);
            match fs::read(&path) {
                Ok(found) if found == file.bytes || self.is_ours(&file.path, &found) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Ok(_) => {
                    return Err(Failure::Other(format!(
                        "{} was not written by an earlier `jackfield ship`, so it is not replaced: remove it, or name another folder with --out",
                        path.display()
                    )));
                }
                Err(error) => return Err(failed("read", &path, &error)),
            }
        }
        for file in files {
            self.write(file)?;
        }
        for name in self.earlier.keys().filter(|name| !files.iter().any(|file| file.path == **name)) {
            let path = self.path.join(name);
            if fs::read(&path).is_ok_and(|found| self.is_ours(name, &found)) {
                fs::remove_file(&path).map_err(|error| failed("remove", &path, &error))?;
                self.remove_empty_folders(&path);
            }
        }
        Ok(())
    }

    fn is_ours(&self, name: &str, found: &[u8]) -> bool {
        self.earlier.get(name).is_some_and(|known| *known == sha256(found))
    }

    /// Writes a file atomically: it is written beside the target and then renamed, so that readers never see a part of the file.
    fn write(&self, file: &PackageFile) -> Result<(), Failure> {
        let path = self.path.join(&file.path);
        let folder = path.parent().unwrap_or(&self.path);
        self.refuse_links(folder)?;
        fs::create_dir_all(folder).map_err(|error| failed("make", folder, &error))?;
        let mut beside = path.clone().into_os_string();
        beside.push(format!(".{}.part", std::process::id()));
        let beside = PathBuf::from(beside);
        let written = create(&beside, &file.bytes)
            .and_then(|()| set_mode(&beside, file.is_program))
            .and_then(|()| fs::rename(&beside, &path));
        written.map_err(|error| {
            // If the temporary file already existed, `ship` did not write it, so it is not removed.
            if error.kind() != ErrorKind::AlreadyExists {
                let _ = fs::remove_file(&beside);
            }
            failed("write", &path, &error)
        })
    }

    /// Returns an error if a folder of the packages is a link, because the link could lead out of the folder.
    fn refuse_links(&self, folder: &Path) -> Result<(), Failure> {
        let is_link = |folder: &&Path| fs::symlink_metadata(folder).is_ok_and(|it| it.is_symlink());
        match folder.ancestors().take_while(|folder| *folder != self.path).find(is_link) {
            Some(link) => Err(Failure::Other(format!(
                "{} is a link: remove it, or name another folder with --out",
                link.display()
            ))),
            None => Ok(()),
        }
    }

    fn remove_empty_folders(&self, path: &Path) {
        let folders = path.ancestors().skip(1).take_while(|folder| *folder != self.path);
        for folder in folders {
            // A folder that is not empty is kept.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

/// Creates a new file. Fails if the path exists, even as a link.
fn create(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(bytes)
}

#[cfg(unix)]
fn set_mode(path: &Path, is_program: bool) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(if is_program { 0o755 } else { 0o644 }))
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _is_program: bool) -> std::io::Result<()> {
    Ok(())
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::Other(format!("cannot {what} {}: {error}", path.display()))
}
