//! The memory of processes. Only Linux reports it; on other systems, the functions return None.

/// Returns the peak memory of a running process in KiB. The process id `self` stands for this process.
pub(crate) fn peak_kib(process: &str) -> Option<u64> {
    peak_in(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

/// Returns the current memory of a process in KiB.
pub(crate) fn held_kib(process: &str) -> Option<u64> {
    line_in(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?, "VmRSS:")
}

/// Returns the peak memory in the text of a `/proc/PID/status`, in KiB.
pub(crate) fn peak_in(status: &str) -> Option<u64> {
    line_in(status, "VmHWM:")
}

fn line_in(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
