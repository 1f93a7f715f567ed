//! The processes of a program in quarantine, as /proc shows them.

use std::fs;
use std::path::{Path, PathBuf};

/// The use of a process group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct GroupUse {
    /// The number of threads of running processes.
    pub(super) threads: u64,
    /// The memory of all processes, in bytes.
    pub(super) memory: u64,
}

/// The size of a page of memory. Systems with larger pages are counted as using less.
const PAGE: u64 = 4096;

/// A line of /proc/PID/stat.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    state: char,
    group: u32,
    threads: u64,
    pages: u64,
}

impl Stat {
    fn parse(line: &str) -> Option<Self> {
        // The name of the program, in parentheses, can contain anything.
        let (_, rest) = line.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        Some(Self {
            state: fields.first()?.chars().next()?,
            group: fields.get(2)?.parse().ok()?,
            threads: fields.get(17)?.parse().ok()?,
            pages: fields.get(21)?.parse::<i64>().ok()?.try_into().unwrap_or(0),
        })
    }

    /// Whether the process has ended, and only its parent has not noticed it yet.
    const fn is_dead(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

/// Returns the folders of the processes whose id is at least `first`.
fn folders(first: u32) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_wanted = move |name: &str| name.parse::<u32>().is_ok_and(|id| id >= first);
    let wanted = entries.filter(move |entry| entry.file_name().to_str().is_some_and(is_wanted));
    wanted.map(|entry| entry.path())
}

fn stat(folder: &Path) -> Option<Stat> {
    Stat::parse(&fs::read_to_string(folder.join("stat")).ok()?)
}

/// Returns what the running processes of a group use. Without `is_whole`, only processes that are younger than its leader are counted,
/// which is faster, and wrong only after the ids of the system have begun again.
pub(super) fn group_use(group: u32, is_whole: bool) -> GroupUse {
    let mut found = GroupUse::default();
    let folders = folders(if is_whole { 0 } else { group });
    for stat in
        folders.filter_map(|folder| stat(&folder)).filter(|stat| stat.group == group && !stat.is_dead())
    {
        found.threads += stat.threads;
        found.memory += stat.pages * PAGE;
    }
    found
}

/// Returns the limit of processes with which a program in quarantine can have `more` of them. The kernel counts all processes of a user.
pub(super) fn quota(more: u64) -> u64 {
    let user = crate::confinement::quarantined_user();
    let own = folders(0).filter(|folder| user.is_none_or(|user| is_of(folder, user)));
    own.filter_map(|folder| stat(&folder)).map(|stat| stat.threads).sum::<u64>() + more
}

#[cfg(unix)]
fn is_of(folder: &Path, user: u32) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(folder).is_ok_and(|metadata| metadata.uid() == user)
}

#[cfg(not(unix))]
fn is_of(_: &Path, _: u32) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_of_a_process_with_an_odd_name_is_parsed() {
        let line =
            "12 (a) b) S 1 77 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 100 200 55 18446744073709551615 1";
        assert_eq!(Stat::parse(line), Some(Stat { state: 'S', group: 77, threads: 3, pages: 55 }));
        assert_eq!(Stat::parse("12 (a"), None);
    }
}
