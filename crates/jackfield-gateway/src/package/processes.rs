//! The processes of a program in quarantine, as /proc shows them.

use std::fs;

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

fn all() -> impl Iterator<Item = Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok());
    numbers.filter_map(|entry| Stat::parse(&fs::read_to_string(entry.path().join("stat")).ok()?))
}

/// Returns what the running processes of a group use.
pub(super) fn group_use(group: u32) -> GroupUse {
    let mut found = GroupUse::default();
    for stat in all().filter(|stat| stat.group == group && !stat.is_dead()) {
        found.threads += stat.threads;
        found.memory += stat.pages * PAGE;
    }
    found
}

/// Returns the limit of processes with which a program can have `more` of them. The kernel counts the processes of all programs of a user.
pub(super) fn quota(more: u64) -> u64 {
    // The processes of other users are counted too, which makes the limit larger than needed.
    all().map(|stat| stat.threads).sum::<u64>() + more
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
