//! Files that are their user's own: read within bounds, written whole or not at all.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::cipher::random;
use crate::error::Error;
use crate::hex;

/// How the name of a file begins that is not yet in its place.
const UNFINISHED: &str = ".new-";

/// The file's bytes, one more than `most` at most; none if there is no such file. It has to be its user's own.
pub(crate) fn read(path: &Path, most: usize) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let file = match open(path, OpenOptions::new().read(true)) {
        Err(Error::Io { error, .. }) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    // All the room at once: what a growing vector leaves behind would not be overwritten.
    let length = file.metadata().map_err(Error::io("examine", path))?.len();
    let room = usize::try_from(length).unwrap_or(most).min(most) + 64;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(Error::io("read", path))?;
    Ok(Some(bytes))
}

/// The last bytes of the file; none if there is no such file. It has to be its user's own.
pub(crate) fn read_end<const N: usize>(path: &Path) -> Result<Option<[u8; N]>, Error> {
    let mut file = match open(path, OpenOptions::new().read(true)) {
        Err(Error::Io { error, .. }) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let length = file.metadata().map_err(Error::io("examine", path))?.len();
    let mut end = [0; N];
    // A file that is shorter is no vault, which whoever reads all of it will say.
    let start = length.saturating_sub(N as u64);
    let wanted = usize::try_from(length - start).unwrap_or(N);
    let read = file.seek(io::SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut end[..wanted]));
    read.map_err(Error::io("read", path))?;
    Ok(Some(end))
}

/// The file of a lock, made if it is missing.
pub(crate) fn open_lock(path: &Path) -> Result<File, Error> {
    open(path, OpenOptions::new().read(true).write(true).create(true).truncate(false))
}

/// Whether anything at all stands there.
pub(crate) fn is_taken(path: &Path) -> Result<bool, Error> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::io("examine", path)(error)),
    }
}

/// Writes a file where there is none, for good.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write(path, bytes)?;
    sync_folder(folder_of(path))
}

/// Puts a file with these bytes into its place: after a crash there is the old one or the new one, whole.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = folder_of(path);
    let unfinished = folder.join(format!("{UNFINISHED}{}", hex::encode(&random::<16>()?)));
    let written = write(&unfinished, bytes)
        .and_then(|()| fs::rename(&unfinished, path).map_err(Error::io("replace", path)));
    if written.is_err() {
        // It may not be there at all; if it stays, the next writer sweeps it out.
        let _ = fs::remove_file(&unfinished);
    }
    written?;
    sync_folder(folder)
}

/// Removes what writers left that came to their end too early. Only who holds the write lock may, since no other writer
/// is under way then.
pub(crate) fn sweep(folder: &Path) -> Result<(), Error> {
    for path in entries(folder, UNFINISHED)? {
        fs::remove_file(&path).map_err(Error::io("remove", &path))?;
    }
    Ok(())
}

/// The files of a folder whose names are this and 32 hexadecimal digits, sorted.
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

/// Removes a file, for good.
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    fs::remove_file(path).map_err(Error::io("remove", path))?;
    sync_folder(folder_of(path))
}

/// Makes the folder and those above it that are missing, for its user alone.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder_of(folder);
    make_folder(parent)?;
    match create_folder(folder) {
        // Somebody else was quicker.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(Error::io("make the folder", folder)(error)),
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

/// Whether nobody but its user can change what is in the folder.
pub(crate) fn check_folder(folder: &Path) -> Result<(), Error> {
    let metadata = fs::metadata(folder).map_err(Error::io("examine", folder))?;
    if !metadata.is_dir() {
        return Err(loose(folder, "is no folder".to_owned(), "name a folder".to_owned()));
    }
    check_owner(folder, &metadata, 0o022, "go-w")
}

/// The folder of a path; that of one bare word is where the process stands.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = open(path, OpenOptions::new().write(true).create_new(true))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(Error::io("write", path))
}

/// Opens a file that is its user's own, or makes it so.
fn open(path: &Path, options: &mut OpenOptions) -> Result<File, Error> {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        // A link is not followed, a pipe is not waited for.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return Err(loose(path, "is a link".to_owned(), "put the file itself there".to_owned()));
    }
    let file = options.open(path).map_err(Error::io("open", path))?;
    // Of the file that was opened, not of what stands there by now.
    let metadata = file.metadata().map_err(Error::io("examine", path))?;
    if !metadata.is_file() {
        return Err(loose(path, "is no ordinary file".to_owned(), "put a file there".to_owned()));
    }
    check_owner(path, &metadata, 0o077, "go=")?;
    Ok(file)
}

#[cfg(unix)]
fn check_owner(path: &Path, metadata: &Metadata, forbidden: u32, mend: &str) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt as _;
    let own = rustix::process::geteuid().as_raw();
    if metadata.uid() != own {
        let what = format!("belongs to user {}, and this program runs as user {own}", metadata.uid());
        return Err(loose(path, what, format!("chown {own} {path:?}, if you trust what is in it")));
    }
    if metadata.mode() & forbidden != 0 {
        let what = format!("is open to other users (mode {:03o})", metadata.mode() & 0o777);
        return Err(loose(path, what, format!("chmod {mend} {path:?}")));
    }
    Ok(())
}

/// Elsewhere the profile of a user is closed to others from the beginning, and what is in it inherits that.
#[cfg(not(unix))]
fn check_owner(_: &Path, _: &Metadata, _: u32, _: &str) -> Result<(), Error> {
    Ok(())
}

fn loose(path: &Path, what: String, mend: String) -> Error {
    Error::Loose { path: path.to_owned(), what, mend }
}

/// Makes names last that were given or taken in the folder.
fn sync_folder(folder: &Path) -> Result<(), Error> {
    // Windows has no such thing.
    if cfg!(unix) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io("write", folder))?;
    }
    Ok(())
}
