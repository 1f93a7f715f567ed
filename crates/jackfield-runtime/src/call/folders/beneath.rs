//! Opens only files and folders below an allowed folder, even if another process moves links at the same time.
//!
//! The allowed folder is opened once. Each segment of a path is opened relative to the previous descriptor, without following
//! links. If a segment is a link, its target is read and walked in the same way. Each name is resolved only once, so
//! the file that was checked is the file that is read.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::refused::Refused;

/// The maximum number of links in a path. A path with more links counts as a loop.
const MOST_LINKS: usize = 40;

/// An open allowed folder.
#[derive(Debug)]
pub(super) struct Root {
    descriptor: OwnedFd,
    /// The path of the folder as the user has spelled it, and the same path with links resolved.
    names: [PathBuf; 2],
}

impl Root {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(Self { descriptor, names: [path.to_owned(), path.canonicalize()?] })
    }

    /// Returns the path relative to the folder. `None` if the path begins with neither spelling of the folder.
    pub(super) fn below<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        self.names.iter().find_map(|name| path.strip_prefix(name).ok())
    }

    pub(super) fn names(&self, path: &Path) -> bool {
        self.below(path).is_some()
    }

    /// Returns the folder that the path begins with, and the rest of the path.
    fn of<'r, 'p>(roots: &[&'r Self], path: &'p Path) -> Result<(&'r Self, &'p Path), Refused> {
        roots.iter().find_map(|root| root.below(path).map(|below| (*root, below))).ok_or(Refused::Outside)
    }

    /// Opens the file at a path. Also returns the name of the opened file, which differs from the path if links lead to it.
    pub(super) fn open_file(roots: &[&Self], path: &Path) -> Result<(File, OsString), Refused> {
        let (root, below) = Self::of(roots, path)?;
        let mut walk = Walk { roots, root, below: Vec::new(), pending: VecDeque::new(), links: 0 };
        walk.push(below)?;
        while let Some(name) = walk.pending.pop_front() {
            if name == ".." {
                if walk.below.pop().is_none() {
                    walk.climb()?;
                }
                continue;
            }
            if let Some(file) = walk.step(&name)? {
                return Ok((file, name));
            }
        }
        Err(Refused::NoFile)
    }

    /// Opens the folder at a path. Links are not followed: a link counts as something that is not a folder.
    pub(super) fn open_folder(roots: &[&Self], path: &Path) -> Result<Folder, Refused> {
        let (root, below) = Self::of(roots, path)?;
        let mut folder = rustix::io::fcntl_dupfd_cloexec(&root.descriptor, 0)?;
        for part in below.components() {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            match part {
                Component::Normal(name) => {
                    folder = rustix::fs::openat(&folder, name, flags, Mode::empty())?;
                }
                Component::CurDir => {}
                _ => return Err(Refused::Outside),
            }
        }
        Ok(Folder(folder))
    }
}

/// An open folder in which files are stored. Links in it are never followed.
#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

impl Folder {
    /// Creates a file that only its owner can read.
    pub(crate) fn create(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::from(rustix::fs::openat(&self.0, name, flags, Mode::RUSR | Mode::WUSR)?))
    }

    /// Creates an unnamed file that only its owner can read and that disappears with the process. `None` if the system or the file system
    /// does not support unnamed files, or cannot name them later.
    pub(crate) fn create_unnamed(&self) -> Option<File> {
        #[cfg(target_os = "linux")]
        {
            let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
            let file = rustix::fs::openat(&self.0, ".", flags, Mode::RUSR | Mode::WUSR).ok()?;
            let is_nameable = rustix::fs::stat(descriptor_path(&file)).is_ok();
            is_nameable.then(|| File::from(file))
        }
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// Gives a name to an unnamed file.
    pub(crate) fn give_name(&self, file: &File, name: &str) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            let (from, follow) = (descriptor_path(file), AtFlags::SYMLINK_FOLLOW);
            Ok(rustix::fs::linkat(rustix::fs::CWD, from, &self.0, name, follow)?)
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = (file, name);
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    /// Whether a name belongs to a regular file. `None` if nothing has this name.
    pub(crate) fn is_file(&self, name: &OsStr) -> io::Result<Option<bool>> {
        match rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Renames a file to its final name. An existing file with that name is replaced.
    pub(crate) fn replace(&self, from: &str, to: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, from, &self.0, to)?)
    }

    /// Renames a file to its final name. Returns the error `AlreadyExists` if a file with that name exists.
    pub(crate) fn publish(&self, from: &str, to: &OsStr) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_vendor = "apple"))]
        {
            use rustix::fs::RenameFlags;
            match rustix::fs::renameat_with(&self.0, from, &self.0, to, RenameFlags::NOREPLACE) {
                // Some file systems do not support this call, and others do not support links.
                Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {}
                renamed => return Ok(renamed?),
            }
        }
        rustix::fs::linkat(&self.0, from, &self.0, to, AtFlags::empty())?;
        Ok(rustix::fs::unlinkat(&self.0, from, AtFlags::empty())?)
    }

    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Syncs the names in the folder to the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.0)?)
    }
}

/// Returns the path through which an unnamed file can be linked.
#[cfg(target_os = "linux")]
fn descriptor_path(file: &impl std::os::fd::AsRawFd) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// The open folders on the way to a file.
struct Walk<'r> {
    roots: &'r [&'r Root],
    root: &'r Root,
    below: Vec<OwnedFd>,
    pending: VecDeque<OsString>,
    links: usize,
}

impl Walk<'_> {
    fn folder(&self) -> &OwnedFd {
        self.below.last().unwrap_or(&self.root.descriptor)
    }

    /// Enters a folder or follows a link. Returns the file if the path ends here.
    fn step(&mut self, name: &OsStr) -> Result<Option<File>, Refused> {
        let stat = rustix::fs::statat(self.folder(), name, AtFlags::SYMLINK_NOFOLLOW)?;
        let usual = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Symlink => {
                self.links += 1;
                if self.links > MOST_LINKS {
                    return Err(Refused::Io(io::Error::from(Errno::LOOP)));
                }
                let target = rustix::fs::readlinkat(self.folder(), name, Vec::new())?;
                self.push(Path::new(&OsString::from_vec(target.into_bytes())))?;
                Ok(None)
            }
            FileType::Directory => {
                let folder =
                    rustix::fs::openat(self.folder(), name, usual | OFlags::DIRECTORY, Mode::empty())?;
                self.below.push(folder);
                Ok(None)
            }
            // The file type is checked before opening, because opening a device may have side effects. It is checked again
            // afterwards, because another process may have replaced the name in between.
            FileType::RegularFile if self.pending.is_empty() => {
                let file = File::from(rustix::fs::openat(self.folder(), name, usual, Mode::empty())?);
                if !file.metadata()?.is_file() {
                    return Err(Refused::NoFile);
                }
                Ok(Some(file))
            }
            FileType::RegularFile => Err(Refused::Io(io::Error::from(Errno::NOTDIR))),
            _ => Err(Refused::NoFile),
        }
    }

    /// Walks up to the root of the file system, because a link may lead back into the folder through its resolved path.
    fn climb(&mut self) -> Result<(), Refused> {
        let [_, real] = &self.root.names;
        let mut path = real.parent().ok_or(Refused::Outside)?.to_owned();
        while self.pending.front().is_some_and(|name| name == "..") {
            self.pending.pop_front();
            path.pop();
        }
        path.extend(self.pending.drain(..));
        self.push(&path)
    }

    /// Inserts a path before the remaining segments.
    fn push(&mut self, path: &Path) -> Result<(), Refused> {
        let mut path = path;
        if path.is_absolute() {
            let (root, below) = Root::of(self.roots, path)?;
            self.root = root;
            self.below.clear();
            path = below;
        }
        for part in path.components().rev() {
            match part {
                Component::Normal(name) => self.pending.push_front(name.to_owned()),
                Component::ParentDir => self.pending.push_front("..".into()),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        Ok(())
    }
}

impl From<Errno> for Refused {
    fn from(error: Errno) -> Self {
        Self::Io(error.into())
    }
}
