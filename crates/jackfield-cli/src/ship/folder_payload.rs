//! Collects the files of a served folder for a package. They keep their relative paths, because connector.toml refers to them.

use std::fs;
use std::path::{Component, Path, PathBuf};

use jackfield_build::{LOCK_FILE, Modelled, ServedFolder};
use jackfield_ship::PackageFile;

use crate::Failure;

/// The name of the folder with these files in a package.
const FOLDER: &str = "connector";
/// The maximum number of folders from connector.toml up to the folder of a document. A document further up would put paths of this machine
/// into the package.
const MOST_LEVELS: usize = 4;

/// The files of a connector, and the folder of its connector.toml in the package.
pub(super) struct FolderFiles {
    pub(super) files: Vec<PackageFile>,
    pub(super) folder: String,
}

/// Reads connector.toml, the lock, the document, and the files to which they refer. Other files of the folder are not shipped.
///
/// # Errors
/// Returns an error if a file cannot be read, or is too many folders above connector.toml.
pub(super) fn files(
    folder: &ServedFolder,
    manifest: &Path,
    modelled: &Modelled,
) -> Result<FolderFiles, Failure> {
    let mut paths = folder.files();
    paths.push(manifest.to_path_buf());
    paths.extend(modelled.report.read.iter().cloned());
    let mut placed: Vec<(PathBuf, PathBuf)> = Vec::new();
    for path in paths {
        placed.push((normal(&path)?, path));
    }
    placed.sort();
    placed.dedup_by(|a, b| a.0 == b.0);
    let home = normal(manifest)?.parent().map(Path::to_path_buf).unwrap_or_default();
    let root = root(&home, placed.iter().map(|(place, _)| place.as_path())).ok_or_else(|| {
        let far = placed.iter().map(|(_, path)| path).find(|path| !normal(path).is_ok_and(|it| it.starts_with(&home)));
        let far = far.map(|path| path.display().to_string()).unwrap_or_default();
        Failure::Other(format!(
            "the {MOST_LEVELS} folders above {} do not contain {far}, so the package would contain paths of this machine. \
             Copy the file beside connector.toml, change connector.toml, and run `jackfield gen --lock-only`",
            manifest.display()
        ))
    })?;
    let in_package = |place: &Path| {
        let below = place.strip_prefix(&root).unwrap_or(place);
        let parts = below.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
        std::iter::once(FOLDER.to_owned()).chain(parts).collect::<Vec<_>>().join("/")
    };
    let mut files = Vec::new();
    for (place, path) in &placed {
        let bytes = fs::read(path)
            .map_err(|error| Failure::Other(format!("cannot read {}: {error}", path.display())))?;
        files.push(PackageFile::data(in_package(place), bytes));
    }
    debug_assert!(files.iter().any(|file| file.path.ends_with(LOCK_FILE)), "the lock is among the files");
    Ok(FolderFiles { files, folder: in_package(&home) })
}

/// Returns the absolute path without `.` and `..`. Links are kept, because connector.toml names them.
fn normal(path: &Path) -> Result<PathBuf, Failure> {
    let whole = std::path::absolute(path)
        .map_err(|error| Failure::Other(format!("cannot find {}: {error}", path.display())))?;
    let mut normal = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    Ok(normal)
}

/// Returns the nearest folder above connector.toml that contains every file.
fn root<'p>(home: &Path, mut places: impl Iterator<Item = &'p Path> + Clone) -> Option<PathBuf> {
    let mut folders = home.ancestors().take(MOST_LEVELS + 1).filter(|folder| folder.parent().is_some());
    let contains_all = |folder: &&Path| places.clone().all(|place| place.starts_with(folder));
    let found = folders.find(contains_all).map(Path::to_path_buf);
    places.next().and(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_of_the_packaged_files_is_their_nearest_common_folder() {
        let root = |home: &str, places: &[&str]| {
            let found = super::root(Path::new(home), places.iter().map(|place| Path::new(*place)));
            found.map(|path| path.display().to_string())
        };
        assert_eq!(root("/a/b/shop", &["/a/b/shop/x.yaml"]).as_deref(), Some("/a/b/shop"));
        assert_eq!(root("/a/b/shop", &["/a/b/shop/x", "/a/b/specs/x.yaml"]).as_deref(), Some("/a/b"));
        assert_eq!(root("/a/b/shop", &["/etc/x.yaml"]), None, "nothing is above all but the root");
        assert_eq!(root("/a/b/c/d/e/f/g", &["/a/x.yaml"]), None, "too far away");
        assert_eq!(normal(Path::new("/a/b/../c/./d")).ok(), Some(PathBuf::from("/a/c/d")));
    }
}
