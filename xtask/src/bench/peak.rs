//! The peak memory of a compiler.

use std::process::Child;

use crate::memory;

/// Waits for the child. Returns whether it succeeded, and the peak memory in MiB of the largest `rustc` process, if the system reports it.
pub(super) fn wait(child: &mut Child) -> std::io::Result<(bool, Option<u64>)> {
    let mut peak = None;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status.success(), peak));
        }
        peak = peak.max(largest_rustc());
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

/// Returns the peak memory of the largest running `rustc`, in MiB. Linux reports the peak of every process.
fn largest_rustc() -> Option<u64> {
    let processes = std::fs::read_dir("/proc").ok()?;
    processes
        .filter_map(|entry| {
            let status = std::fs::read_to_string(entry.ok()?.path().join("status")).ok()?;
            status.starts_with("Name:\trustc\n").then_some(())?;
            memory::peak_in(&status).map(|kib| kib / 1024)
        })
        .max()
}
