//! The files and folders that a program may use: everything except the protected paths, with single folders in them.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags, fstat, open};

use super::mounts::aliases;

/// The entries of /dev that a program may use. Disks and memory are left out.
const DEVICES: [&str; 13] =
    ["dri", "fd", "full", "kfd", "mqueue", "null", "ptmx", "pts", "random", "shm", "tty", "urandom", "zero"];

/// The rights that a rule gives to a folder and to everything below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rights {
    /// Listing the names of files.
    List,
    /// Listing and reading files.
    Read,
    /// Listing, reading and executing files.
    Execute,
    /// Using a device, including `ioctl`.
    Device,
    /// Reading, writing, creating and executing files.
    All,
}

/// A file or folder that a program may use.
pub(super) struct Permitted {
    pub(super) file: OwnedFd,
    pub(super) rights: Rights,
    pub(super) is_folder: bool,
}

/// Returns everything that a program may use. A Landlock rule can only add rights. So a folder that contains a protected path gets only the
/// right to list names, and each other entry of the folder gets all rights. Entries that are created in the folder later get no rights.
///
/// # Errors
/// Returns an error if a folder above a protected path cannot be read.
pub(super) fn permitted(protected: &[PathBuf]) -> io::Result<Vec<Permitted>> {
    let mut found = Vec::new();
    let root = open_entry(Path::new("/"))?;
    found.extend(root.map(|(file, _)| Permitted { file, rights: Rights::List, is_folder: true }));
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let mut all: BTreeSet<PathBuf> = protected.iter().map(|path| resolved(path)).collect();
    let others: Vec<PathBuf> = all.iter().flat_map(|path| aliases(&mounts, path)).collect();
    all.extend(others);
    collect(Path::new("/"), &all, &mut found)?;
    Ok(found)
}

/// Collects the entries of a folder that contains protected paths.
fn collect(folder: &Path, protected: &BTreeSet<PathBuf>, found: &mut Vec<Permitted>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for path in entries.into_iter().map(|entry| entry.path()) {
        if protected.contains(&path) {
            continue;
        }
        if protected.iter().any(|inner| inner.starts_with(&path)) {
            collect(&path, protected, found)?;
            continue;
        }
        let Some((file, is_folder)) = open_entry(&path)? else { continue };
        match path.to_str() {
            // Root could change the kernel through these.
            Some("/proc" | "/sys") => found.push(Permitted { file, rights: Rights::Read, is_folder }),
            Some("/dev") => devices(found)?,
            _ => found.push(Permitted { file, rights: Rights::All, is_folder }),
        }
    }
    Ok(())
}

/// Collects the devices that cannot bypass the rules.
fn devices(found: &mut Vec<Permitted>) -> io::Result<()> {
    for entry in fs::read_dir("/dev")? {
        let entry = entry?;
        let name = entry.file_name();
        let is_harmless =
            name.to_str().is_some_and(|name| DEVICES.contains(&name) || name.starts_with("nvidia"));
        if let (true, Some((file, is_folder))) = (is_harmless, open_entry(&entry.path())?) {
            found.push(Permitted { file, rights: Rights::Device, is_folder });
        }
    }
    Ok(())
}

/// Opens the folders that a program may use although they are in a protected folder.
///
/// # Errors
/// Returns an error if one of them does not exist.
pub(super) fn exceptions(readable: &[PathBuf], writable: &[PathBuf]) -> io::Result<Vec<Permitted>> {
    let readable = readable.iter().map(|path| (path, Rights::Execute));
    let all = readable.chain(writable.iter().map(|path| (path, Rights::All)));
    let opened = all.map(|(path, rights)| {
        let missing = || io::Error::new(io::ErrorKind::NotFound, format!("there is no {}", path.display()));
        let (file, is_folder) = open_entry(path)?.ok_or_else(missing)?;
        Ok(Permitted { file, rights, is_folder })
    });
    opened.collect()
}

/// Opens a file or a folder for a rule. Returns `None` for a symbolic link, because the rule would apply to the target of the link. Also
/// returns `None` for an entry that was deleted, or that this user may not open.
pub(super) fn open_entry(path: &Path) -> io::Result<Option<(OwnedFd, bool)>> {
    let opened = open(path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty());
    let file = match opened {
        Ok(file) => file,
        // `PermissionDenied` means a folder of another user that this user may not enter.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    match FileType::from_raw_mode(fstat(&file)?.st_mode) {
        FileType::Symlink => Ok(None),
        kind => Ok(Some((file, kind == FileType::Directory))),
    }
}

/// Resolves the symbolic links of a path, even if its last components do not exist yet.
fn resolved(path: &Path) -> PathBuf {
    let whole = path.canonicalize().ok();
    whole.unwrap_or_else(|| match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => resolved(parent).join(name),
        _ => path.to_owned(),
    })
}
