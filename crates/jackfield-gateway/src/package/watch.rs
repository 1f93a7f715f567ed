//! Watches a program in quarantine for limits that the kernel has for single processes only.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::processes::group_use;

/// How often the processes are counted. The files are counted at every eighth time.
const PAUSE: Duration = Duration::from_millis(50);
const PAUSES: u32 = 8;
/// The limits of all processes together.
pub(super) const MOST_THREADS: u64 = 256;
const MOST_MEMORY: u64 = 2 << 30;
/// The limits of the scratch folder.
const MOST_FILES: usize = 10_000;
const MOST_WRITTEN: u64 = 512 << 20;

/// The process group of the program that runs now.
#[derive(Default)]
pub(super) struct CurrentGroup(AtomicU32);

impl CurrentGroup {
    pub(super) fn set(&self, group: u32) {
        self.0.store(group, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> Option<u32> {
        Some(self.0.load(Ordering::Relaxed)).filter(|group| *group != 0)
    }
}

/// Waits until a program exceeds a limit. Returns which.
pub(super) async fn exceeded(group: &CurrentGroup, scratch: &Path) -> String {
    for pause in 1.. {
        tokio::time::sleep(PAUSE).await;
        if let Some(found) = group.get().map(group_use) {
            if found.threads > MOST_THREADS {
                return format!("it started more than {MOST_THREADS} processes and threads");
            }
            if found.memory > MOST_MEMORY {
                return format!("it used more than {} MB of memory", MOST_MEMORY >> 20);
            }
        }
        if pause % PAUSES == 0 && is_full(scratch) {
            return format!("it wrote more than {MOST_FILES} files or {} MB", MOST_WRITTEN >> 20);
        }
    }
    String::new()
}

/// Whether a folder has more files or bytes than a program in quarantine may write.
fn is_full(folder: &Path) -> bool {
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
                return true;
            }
        }
    }
    false
}

/// Returns the paths of the first files in a scratch folder.
pub(super) fn written(folder: &Path, most: usize) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                _ => found.extend(
                    entry.path().strip_prefix(folder).ok().map(|path| path.to_string_lossy().into_owned()),
                ),
            }
            if found.len() >= most || folders.len() > MOST_FILES {
                found.sort();
                return found;
            }
        }
    }
    found.sort();
    found
}
