//! Copies the files of a folder.

use std::fs;
use std::path::Path;

use super::fault::PackageFault;
use super::tree::{EntryKind, TreeEntry, entries};

/// Copies the files and folders below a folder to a new folder. Links are left out.
///
/// # Errors
/// Returns an error if a file cannot be copied, or if there is too much.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), PackageFault> {
    fs::create_dir_all(to).map_err(|error| PackageFault::at(to, error))?;
    for TreeEntry { path, kind } in entries(from)? {
        let (source, target) = (from.join(&path), to.join(&path));
        let copied = match kind {
            EntryKind::Folder => fs::create_dir_all(&target),
            EntryKind::File { .. } => fs::copy(&source, &target).map(drop),
            EntryKind::Link(_) => Ok(()),
        };
        copied.map_err(|error| PackageFault::at(&target, error))?;
    }
    Ok(())
}
