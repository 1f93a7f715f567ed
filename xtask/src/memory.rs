//! The memory of processes. Linux reports it; on other systems it is unknown.

/// The peak memory of a running process in KiB. `self` is this process.
pub(crate) fn peak_kib(process: &str) -> Option<u64> {
    peak_in(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

/// The current memory of a process in KiB.
pub(crate) fn held_kib(process: &str) -> Option<u64> {
    line_in(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?, "VmRSS:")
}

/// The peak memory in the text of a `/proc/PID/status`, in KiB.
pub(crate) fn peak_in(status: &str) -> Option<u64> {
    line_in(status, "VmHWM:")
}

fn line_in(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
