//! Every access to files of a copy, except by SQLite.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jackfield_runtime::{StoreError, create_private_folder};

use super::error::CopyError;
use super::place::Place;

/// The maximum number of bytes of a stored index.
const LARGEST_INDEX: u64 = 1 << 30;
/// The maximum number of bytes of a mirror file.
const LARGEST_MIRROR: u64 = 8 << 30;

/// Creates the folder of the copies, which only its owner can enter.
pub(super) fn prepare(folder: &Path) -> Result<(), CopyError> {
    create_private_folder(folder).map_err(|error| match error {
        StoreError::Io { path, reason } => CopyError::Io { path, reason },
        error => CopyError::Io { path: folder.to_owned(), reason: error.to_string() },
    })
}

/// Renames a damaged database, so that a new one can be created. Returns its new path.
pub(super) fn set_aside(place: &Place) -> Result<PathBuf, CopyError> {
    let (from, to) = (place.database(), place.damaged());
    fs::rename(&from, &to).map_err(failed(&from))?;
    for path in place.beside_database().into_iter().chain([place.index()]) {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&path)(error)),
            _ => {}
        }
    }
    Ok(to)
}

/// Reads a stored index. `None` if there is none.
pub(super) fn read_index(place: &Place) -> Option<Vec<u8>> {
    let path = place.index();
    let is_sound = fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() <= LARGEST_INDEX);
    if is_sound { fs::read(path).ok() } else { None }
}

/// Replaces the stored index.
pub(super) fn write_index(place: &Place, parts: &[&[u8]]) -> Result<(), CopyError> {
    let path = place.index();
    let unfinished = path.with_extension(format!("index-{}", std::process::id()));
    let write = || {
        let mut file = File::create(&unfinished)?;
        parts.iter().try_for_each(|part| file.write_all(part))?;
        drop(file);
        fs::rename(&unfinished, &path)
    };
    write().map_err(|error| {
        // A file that was not finished is of no use. If it cannot be removed, the error of writing says more.
        let _ = fs::remove_file(&unfinished);
        failed(&path)(error)
    })
}

/// A mirror file, and what distinguishes its content from an earlier one without reading it.
pub(super) struct MirrorFile {
    pub(super) file: File,
    pub(super) stamp: String,
}

/// Returns the absolute path of a mirror file, through all links.
pub(super) fn mirror_path(path: &Path) -> Result<PathBuf, CopyError> {
    fs::canonicalize(path).map_err(failed(path))
}

/// Opens a mirror file.
pub(super) fn open_mirror(path: &Path) -> Result<MirrorFile, CopyError> {
    let unfit = |problem: &str| CopyError::Mirror { path: path.to_owned(), problem: problem.to_owned() };
    // Opening a named pipe would wait for a writer.
    if !fs::metadata(path).map_err(failed(path))?.is_file() {
        return Err(unfit("it is not a file"));
    }
    let file = File::open(path).map_err(failed(path))?;
    let metadata = file.metadata().map_err(failed(path))?;
    if metadata.len() > LARGEST_MIRROR {
        return Err(unfit("it is larger than 8 GB"));
    }
    Ok(MirrorFile { stamp: stamp(&metadata), file })
}

fn stamp(metadata: &fs::Metadata) -> String {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let modified = modified.map_or(0, |since| since.as_nanos());
    // A program can set the time of a modification, but not that of a change.
    #[cfg(unix)]
    let change = {
        use std::os::unix::fs::MetadataExt as _;
        format!("{}.{}.{}", metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
    };
    #[cfg(not(unix))]
    let change = String::new();
    format!("{} {modified} {change}", metadata.len())
}

fn failed(path: &Path) -> impl Fn(io::Error) -> CopyError {
    let path = path.to_owned();
    move |error| CopyError::Io { path: path.clone(), reason: error.to_string() }
}
