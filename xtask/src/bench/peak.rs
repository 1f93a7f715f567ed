//! How much memory a compiler takes at most.

use std::process::Child;

use crate::memory;

/// Waits for the child, and says how many MiB the largest `rustc` below it took, where the system tells.
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

/// The high-water mark of the largest `rustc` that runs now, in MiB. Linux keeps it for every process.
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
