//! The files that a program in quarantine has written.

use std::fs;
use std::path::Path;

/// The limits of a scratch folder.
const MOST_FILES: usize = 10_000;
const MOST_WRITTEN: u64 = 512 << 20;

/// Returns the limit that a folder exceeds.
pub(super) fn is_full(folder: &Path) -> Option<String> {
    let (mut files, mut bytes, mut folders) = (0, 0_u64, vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            files += 1;
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                folders.push(entry.path());
            }
            bytes = bytes.saturating_add(metadata.len());
            if files > MOST_FILES || bytes > MOST_WRITTEN {
                return Some(format!("it wrote more than {MOST_FILES} files or {} MB", MOST_WRITTEN >> 20));
            }
        }
    }
    None
}

/// Returns the paths of the first files in a folder.
pub(super) fn written(folder: &Path, most: usize) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                _ => {
                    let path = path.strip_prefix(folder).ok();
                    found.extend(path.map(|path| path.to_string_lossy().into_owned()));
                }
            }
            if found.len() >= most || folders.len() > MOST_FILES {
                folders.clear();
                break;
            }
        }
    }
    found.sort();
    found
}
