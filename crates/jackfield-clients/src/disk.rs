//! Files on disk: resolves links, and replaces files atomically.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

use crate::error::ClientError;
use crate::place::Place;

/// The maximum size of a file. Most files have a few kilobytes; the file of Claude Code can have several megabytes.
const LARGEST: u64 = 64 << 20;

/// A file, with the links in its path resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) file: PathBuf,
    /// Whether the given path contained a link.
    pub(crate) is_linked: bool,
}

/// Finds the file to which a path leads.
pub(crate) fn target(place: &Place) -> Result<Target, ClientError> {
    let path = std::path::absolute(&place.file).map_err(ClientError::io(&place.file, "find"))?;
    let file = match fs::symlink_metadata(&path) {
        Ok(_) => {
            let file = canonical(&path).map_err(ClientError::io(&path, "follow the link"))?;
            let kind = fs::metadata(&file).map_err(ClientError::io(&path, "read"))?;
            if !kind.is_file() {
                return Err(ClientError::refused(&path, "this is not a file"));
            }
            file
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => missing(&path)?,
        Err(error) => return Err(ClientError::io(&path, "read")(error)),
    };
    if let Some(folder) = &place.within {
        let folder = canonical(folder).map_err(ClientError::io(folder, "find"))?;
        if !file.starts_with(&folder) {
            let text = format!(
                "a link leads out of this folder, to {}: to use that file, name it with --file",
                file.display()
            );
            return Err(ClientError::refused(&path, text));
        }
    }
    let is_linked = file != path;
    Ok(Target { file, is_linked })
}

/// Returns the path of a missing file. Links in the existing part of the path are resolved.
fn missing(path: &Path) -> Result<PathBuf, ClientError> {
    let (mut folder, mut rest) = (path, Vec::new());
    loop {
        if let Ok(there) = canonical(folder) {
            return Ok(rest.into_iter().rev().fold(there, |path, part| path.join(part)));
        }
        // Writing through a link without a target would create the file at another path.
        if fs::symlink_metadata(folder).is_ok() {
            return Err(ClientError::refused(folder, "this link has no target"));
        }
        match (folder.parent(), folder.components().next_back()) {
            (Some(parent), Some(Component::Normal(name))) => {
                rest.push(name);
                folder = parent;
            }
            _ => {
                return Err(ClientError::refused(path, "no folder in the path of this file exists"));
            }
        }
    }
}

/// Resolves the links in a path. On Windows, also removes the prefix `\\?\`, which other programs do not accept.
fn canonical(path: &Path) -> io::Result<PathBuf> {
    let path = fs::canonicalize(path)?;
    let plain =
        path.to_str().and_then(|path| path.strip_prefix(r"\\?\")).filter(|path| !path.starts_with("UNC"));
    Ok(plain.map(PathBuf::from).unwrap_or(path))
}

/// Reads the bytes of a file. Returns `None` if the file does not exist.
pub(crate) fn read(file: &Path) -> Result<Option<Vec<u8>>, ClientError> {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|open| open.take(LARGEST + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() as u64 > LARGEST => {
            Err(ClientError::refused(file, "this file is larger than 64 MB"))
        }
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ClientError::io(file, "read")(error)),
    }
}

/// Converts the bytes of a file to text.
pub(crate) fn text(file: &Path, bytes: Vec<u8>) -> Result<String, ClientError> {
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count()
            + 1;
        ClientError::refused(file, format!("line {line} is not UTF-8; save the file as UTF-8 and try again"))
    })
}

/// Replaces a file atomically. The permissions and owner of an existing file are kept; a new file can be read only by this user.
///
/// `expected` are the bytes that were read before. If the file contains other bytes, another program has written it meanwhile, and the
/// file is not changed.
///
/// # Errors
/// Returns an error, and changes nothing, if the file cannot be written or has changed.
pub fn replace(file: &Path, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), ClientError> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(ClientError::io(folder, "create"))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.{}.jackfield", std::process::id()));
    let written = write_private(&beside, bytes).and_then(|()| {
        take_over(file, &beside)?;
        if read(file)?.as_deref() != expected {
            return Err(ClientError::refused(file, "another program has just changed this file: try again"));
        }
        fs::rename(&beside, file).map_err(ClientError::io(file, "replace"))
    });
    if written.is_err() {
        // A failure to remove the temporary file is ignored, so that the first error is reported.
        let _ = fs::remove_file(&beside);
        return written;
    }
    sync_folder(folder);
    Ok(())
}

/// Removes a file if it still contains `expected`.
pub(crate) fn remove(file: &Path, expected: &[u8]) -> Result<(), ClientError> {
    if read(file)?.as_deref() != Some(expected) {
        return Err(ClientError::refused(file, "another program has just changed this file: try again"));
    }
    fs::remove_file(file).map_err(ClientError::io(file, "remove"))
}

/// Creates a folder that only this user can enter.
pub(crate) fn create_private(folder: &Path) -> Result<(), ClientError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder).map_err(ClientError::io(folder, "create"))
}

/// Writes a file that only this user can read.
pub(crate) fn write_private(file: &Path, bytes: &[u8]) -> Result<(), ClientError> {
    // A file that an interrupted command left behind may have other permissions, so it is removed first.
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(ClientError::io(file, "replace")(error));
        }
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut open = options.open(file).map_err(ClientError::io(file, "create"))?;
    open.write_all(bytes).and_then(|()| open.sync_all()).map_err(ClientError::io(file, "write"))
}

/// Removes a folder and its contents. A failure is ignored, because the folder is a backup that is no longer needed.
pub(crate) fn forget(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
}

/// Gives the new file the permissions and the owner of the old file.
fn take_over(old: &Path, new: &Path) -> Result<(), ClientError> {
    let Ok(metadata) = fs::metadata(old) else { return Ok(()) };
    if metadata.permissions().readonly() {
        return Err(ClientError::refused(
            old,
            "this file is read-only: change it by hand, or make it writable",
        ));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, chown};
        let own = fs::metadata(new).map_err(ClientError::io(new, "read"))?;
        if (own.uid(), own.gid()) != (metadata.uid(), metadata.gid()) {
            chown(new, Some(metadata.uid()), Some(metadata.gid())).map_err(|_| {
                ClientError::refused(
                    old,
                    "this file belongs to another user or group: change it as that user",
                )
            })?;
        }
        fs::set_permissions(new, metadata.permissions()).map_err(ClientError::io(new, "write"))?;
    }
    #[cfg(not(unix))]
    let _ = new;
    Ok(())
}

/// Syncs the folder, on systems where folders can be opened.
fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(open) = File::open(folder) {
        let _ = open.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}
