//! Reports skipped tests. This file has no dependencies. A crate that cannot depend on this crate includes the file by its path.

#![allow(unreachable_pub, reason = "a crate that includes this file does not export it")]
#![allow(
    clippy::panic,
    reason = "only tests call this function, and a skipped test that cannot be counted has to fail"
)]

use std::fs::OpenOptions;
use std::io::{self, Write as _};

/// The environment variable that names the file in which `.ci/run` collects the reports of all test programs.
const COLLECTED_IN: &str = "JACKFIELD_SKIPPED_TESTS";

/// Reports that the calling test was skipped, with the reason.
///
/// The line is written directly to stderr, because the test harness hides the output of passing tests. It is also appended to the
/// file that `JACKFIELD_SKIPPED_TESTS` names.
///
/// # Panics
/// Panics if the file cannot be written, because a skipped test that is not counted would look like a passed test.
pub fn skipped(reason: &str) {
    let thread = std::thread::current();
    let line = line(thread.name(), reason);
    // Errors of stderr are ignored, because the file contains the line too.
    let _ = io::stderr().write_all(line.as_bytes());
    if let Some(path) = std::env::var_os(COLLECTED_IN) {
        let file = OpenOptions::new().create(true).append(true).open(&path);
        // The line is written with one call, so that lines of several processes do not mix.
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .unwrap_or_else(|error| panic!("cannot append to {}: {error}", path.display()));
    }
}

/// Formats the report. The test harness names the thread of a test after the test. A test that runs on the main thread has no name of its
/// own, because the main thread is called `main`.
fn line(thread: Option<&str>, reason: &str) -> String {
    match thread {
        Some(test) if test != "main" => format!("SKIPPED: {test}: {reason}\n"),
        _ => format!("SKIPPED: {reason}\n"),
    }
}
