//! Creates and removes folders.

use std::fs;
use std::path::Path;

use super::fault::PackageFault;

/// The maximum number of folders in each other whose permissions are changed.
const DEEPEST: usize = 100;

/// Creates a folder that only its owner can enter, if it does not exist.
pub(super) fn create(folder: &Path) -> Result<(), PackageFault> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| PackageFault::at(folder, error))
}

/// Removes a folder with everything in it, if it exists. Folders without the right to write are removed too.
pub(super) fn remove(folder: &Path) -> Result<(), PackageFault> {
    match fs::remove_dir_all(folder) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(_) => open_folders(folder, 0),
    }
    fs::remove_dir_all(folder).map_err(|error| PackageFault::at(folder, error))
}

/// Gives the owner the right to change folders. A program in quarantine can take it away in its scratch folder.
fn open_folders(folder: &Path, depth: usize) {
    #[cfg(unix)]
    {
        let open = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700);
        let _ = fs::set_permissions(folder, open);
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        if depth < DEEPEST {
            open_folders(&entry.path(), depth + 1);
        }
    }
}
