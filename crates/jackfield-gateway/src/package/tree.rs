//! The files of a package, with limits for their number and size.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::fault::PackageFault;

/// The limits of a package.
const MOST_ENTRIES: usize = 200_000;
const MOST_BYTES: u64 = 4 << 30;
const MOST_DEPTH: usize = 100;

/// The kind of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    Folder,
    File {
        bytes: u64,
        is_executable: bool,
    },
    /// A symbolic link with its target.
    Link(PathBuf),
}

/// A file, folder or link of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TreeEntry {
    /// The path relative to the folder of the package.
    pub(super) path: PathBuf,
    pub(super) kind: EntryKind,
}

/// Returns every entry below a folder, sorted by path.
///
/// # Errors
/// Returns an error if an entry is neither a file, a folder nor a link, if a link leads out of the folder, or if there is too much.
pub(super) fn entries(root: &Path) -> Result<Vec<TreeEntry>, PackageFault> {
    let (mut found, mut bytes) = (Vec::new(), 0_u64);
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let whole = root.join(&folder);
        let read = fs::read_dir(&whole).map_err(|error| PackageFault::at(&whole, error))?;
        for entry in read {
            let entry = entry.map_err(|error| PackageFault::at(&whole, error))?;
            let path = folder.join(entry.file_name());
            let kind = kind(root, &path)?;
            if let EntryKind::File { bytes: length, .. } = kind {
                bytes = bytes.saturating_add(length);
            }
            if kind == EntryKind::Folder {
                folders.push(path.clone());
            }
            let depth = path.components().count();
            found.push(TreeEntry { path, kind });
            if found.len() > MOST_ENTRIES || bytes > MOST_BYTES || depth > MOST_DEPTH {
                return Err(PackageFault::new(format!(
                    "the package is too large: it has more than {MOST_ENTRIES} files, {} GiB or {MOST_DEPTH} folders in each other",
                    MOST_BYTES >> 30
                )));
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn kind(root: &Path, path: &Path) -> Result<EntryKind, PackageFault> {
    let whole = root.join(path);
    let failed = |error: std::io::Error| PackageFault::at(&whole, error);
    let metadata = fs::symlink_metadata(&whole).map_err(failed)?;
    let kind = metadata.file_type();
    if kind.is_dir() {
        return Ok(EntryKind::Folder);
    }
    if kind.is_file() {
        return Ok(EntryKind::File { bytes: metadata.len(), is_executable: is_executable(&metadata) });
    }
    if !kind.is_symlink() {
        return Err(PackageFault::at(&whole, "it is neither a file, a folder nor a link"));
    }
    let target = fs::read_link(&whole).map_err(failed)?;
    match stays_inside(path, &target) {
        true => Ok(EntryKind::Link(target)),
        false => Err(PackageFault::at(
            &whole,
            format!("it is a link to {}, which is outside of the package", target.display()),
        )),
    }
}

/// Whether the target of the link `path` is in the folder that `path` is relative to.
fn stays_inside(path: &Path, target: &Path) -> bool {
    let mut depth = path.components().count().saturating_sub(1);
    // A folder of the path could itself be a link, so `..` may follow nothing but `..`.
    let mut has_name = false;
    for component in target.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(_) => {
                has_name = true;
                depth += 1;
            }
            Component::ParentDir if depth > 0 && !has_name => depth -= 1,
            _ => return false,
        }
    }
    true
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

/// Takes from other users the right to change the files, and removes the bits that change the user of a program.
///
/// # Errors
/// Returns an error if the folder has something else than files, folders and links, or if a permission cannot be changed.
pub(super) fn harden(root: &Path) -> Result<(), PackageFault> {
    let all = entries(root)?;
    for TreeEntry { path, kind } in all.iter().filter(|entry| !matches!(entry.kind, EntryKind::Link(_))) {
        let whole = root.join(path);
        restrict(&whole, kind).map_err(|error| PackageFault::at(&whole, error))?;
    }
    restrict(root, &EntryKind::Folder).map_err(|error| PackageFault::at(root, error))
}

#[cfg(unix)]
fn restrict(path: &Path, kind: &EntryKind) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = match kind {
        EntryKind::Folder | EntryKind::File { is_executable: true, .. } => 0o755,
        EntryKind::File { .. } | EntryKind::Link(_) => 0o644,
    };
    let permissions = fs::metadata(path)?.permissions();
    match permissions.mode() & 0o7777 == mode {
        true => Ok(()),
        false => fs::set_permissions(path, fs::Permissions::from_mode(mode)),
    }
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: &EntryKind) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_out_of_a_package_is_recognised() {
        let is_inside = |path: &str, target: &str| stays_inside(Path::new(path), Path::new(target));
        assert!(is_inside(".bin/x", "../x/cli.js") && is_inside("a", "b/c") && is_inside("a/b/c", "../../d"));
        for (path, target) in [
            ("a", "/etc/passwd"),
            ("a", "../b"),
            ("a/b", "../../c"),
            ("a", "b/../../c"),
            // `b` can be a link to a folder elsewhere in the package.
            ("a/x", "b/../c"),
        ] {
            assert!(!is_inside(path, target), "{path} -> {target}");
        }
    }
}
