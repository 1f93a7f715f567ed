//! Files that only their owner can access. They are read within a size limit, and written atomically.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::cipher::random;
use crate::error::Error;
use crate::hex;

/// The prefix of the names of incomplete files.
const UNFINISHED: &str = ".new-";

/// Reads at most `most + 1` bytes of a file. `None` if the file does not exist. Fails if other users can access it.
pub(crate) fn read(path: &Path, most: usize) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let file = match open(path, OpenOptions::new().read(true)) {
        Err(Error::Io { error, .. }) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    // The buffer is allocated once, because reallocating it would leave copies of the secret in freed memory.
    let length = file.metadata().map_err(Error::io("examine", path))?.len();
    let room = usize::try_from(length).unwrap_or(most).min(most) + 64;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(Error::io("read", path))?;
    Ok(Some(bytes))
}

/// Reads the last `N` bytes of a file. `None` if the file does not exist. Fails if other users can access it.
pub(crate) fn read_end<const N: usize>(path: &Path) -> Result<Option<[u8; N]>, Error> {
    let mut file = match open(path, OpenOptions::new().read(true)) {
        Err(Error::Io { error, .. }) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let length = file.metadata().map_err(Error::io("examine", path))?.len();
    let mut end = [0; N];
    // A shorter file is not a vault. Reading the whole file reports this.
    let start = length.saturating_sub(N as u64);
    let wanted = usize::try_from(length - start).unwrap_or(N);
    let read = file.seek(io::SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut end[..wanted]));
    read.map_err(Error::io("read", path))?;
    Ok(Some(end))
}

/// Opens the lock file. The file is created if it does not exist.
pub(crate) fn open_lock(path: &Path) -> Result<File, Error> {
    open(path, OpenOptions::new().read(true).write(true).create(true).truncate(false))
}

/// Whether a file of any type exists at the path.
pub(crate) fn is_taken(path: &Path) -> Result<bool, Error> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::io("examine", path)(error)),
    }
}

/// Writes a new file and syncs it to disk.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write(path, bytes)?;
    sync_folder(folder_of(path))
}

/// Replaces a file atomically: after a crash, either the old or the new file exists completely.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = folder_of(path);
    let unfinished = folder.join(format!("{UNFINISHED}{}", hex::encode(&random::<16>()?)));
    let written = write(&unfinished, bytes)
        .and_then(|()| fs::rename(&unfinished, path).map_err(Error::io("replace", path)));
    if written.is_err() {
        // Errors are ignored: the file might not exist, and otherwise the next writer removes it.
        let _ = fs::remove_file(&unfinished);
    }
    written?;
    sync_folder(folder)
}

/// Removes files of interrupted writes. The caller holds the write lock, so no other write is in progress.
pub(crate) fn sweep(folder: &Path) -> Result<(), Error> {
    for path in entries(folder, UNFINISHED)? {
        fs::remove_file(&path).map_err(Error::io("remove", &path))?;
    }
    Ok(())
}

/// Returns the files in a folder whose names consist of the prefix and 32 hexadecimal digits, sorted.
pub(crate) fn entries(folder: &Path, prefix: &str) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io("list", folder))? {
        let entry = entry.map_err(Error::io("list", folder))?;
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(prefix));
        if rest.and_then(hex::decode_array::<16>).is_some() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Removes a file and syncs the folder.
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    fs::remove_file(path).map_err(Error::io("remove", path))?;
    sync_folder(folder_of(path))
}

/// Creates a folder and its missing parents. Only the user can access them.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder_of(folder);
    make_folder(parent)?;
    match create_folder(folder) {
        // Another process has created the folder in the meantime.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(Error::io("create the folder", folder)(error)),
        Ok(()) => sync_folder(parent),
    }
}

#[cfg(unix)]
fn create_folder(folder: &Path) -> io::Result<()> {
    std::os::unix::fs::DirBuilderExt::mode(&mut fs::DirBuilder::new(), 0o700).create(folder)
}

#[cfg(not(unix))]
fn create_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)
}

/// Checks that only the user can change the contents of the folder.
pub(crate) fn check_folder(folder: &Path) -> Result<(), Error> {
    let metadata = fs::metadata(folder).map_err(Error::io("examine", folder))?;
    if !metadata.is_dir() {
        return Err(loose(folder, "is not a folder".to_owned(), "choose a folder".to_owned()));
    }
    check_owner(folder, &metadata, 0o022, "go-w")
}

/// Returns the folder of a path, which for a bare file name is the current folder.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = open(path, OpenOptions::new().write(true).create_new(true))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(Error::io("write", path))
}

/// Opens a file that other users cannot access. If `options` create the file, it gets such permissions.
fn open(path: &Path, options: &mut OpenOptions) -> Result<File, Error> {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        // The flags refuse symbolic links, and prevent blocking on a pipe.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return Err(loose(path, "is a link".to_owned(), "replace it with the file it points to".to_owned()));
    }
    let file = options.open(path).map_err(Error::io("open", path))?;
    // The metadata of the open file is checked, because another file may have taken the path in the meantime.
    let metadata = file.metadata().map_err(Error::io("examine", path))?;
    if !metadata.is_file() {
        return Err(loose(
            path,
            "is not a regular file".to_owned(),
            "replace it with a regular file".to_owned(),
        ));
    }
    check_owner(path, &metadata, 0o077, "go=")?;
    Ok(file)
}

#[cfg(unix)]
fn check_owner(path: &Path, metadata: &Metadata, forbidden: u32, fix: &str) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt as _;
    let own = rustix::process::geteuid().as_raw();
    if metadata.uid() != own {
        let what = format!("belongs to user {}, and this program runs as user {own}", metadata.uid());
        return Err(loose(path, what, format!("chown {own} {path:?}, if you trust its content")));
    }
    if metadata.mode() & forbidden != 0 {
        let what = format!("is open to other users (mode {:03o})", metadata.mode() & 0o777);
        return Err(loose(path, what, format!("chmod {fix} {path:?}")));
    }
    Ok(())
}

/// Checks nothing. On Windows, other users cannot read the user's profile or the files in it.
#[cfg(not(unix))]
fn check_owner(_: &Path, _: &Metadata, _: u32, _: &str) -> Result<(), Error> {
    Ok(())
}

fn loose(path: &Path, what: String, fix: String) -> Error {
    Error::Loose { path: path.to_owned(), what, fix }
}

/// Syncs a folder, so that created and removed files survive a crash.
fn sync_folder(folder: &Path) -> Result<(), Error> {
    // Windows cannot sync folders.
    if cfg!(unix) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io("write", folder))?;
    }
    Ok(())
}
