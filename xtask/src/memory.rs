//! The memory of processes. Linux tells it; on other systems it is unknown.

/// The high-water mark of a process that runs, in KiB; `self` is this one.
pub(crate) fn peak_kib(process: &str) -> Option<u64> {
    peak_in(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

/// The memory that a process holds now, in KiB.
pub(crate) fn held_kib(process: &str) -> Option<u64> {
    line_in(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?, "VmRSS:")
}

/// The high-water mark in the text of a `/proc/PID/status`, in KiB.
pub(crate) fn peak_in(status: &str) -> Option<u64> {
    line_in(status, "VmHWM:")
}

fn line_in(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
