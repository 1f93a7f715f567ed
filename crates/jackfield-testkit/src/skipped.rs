//! Reports skipped tests. The file has no dependencies, so crates that cannot depend on this one include it by path.

#![allow(unreachable_pub, reason = "a crate that includes this file does not export it")]
#![allow(clippy::panic, reason = "only tests call this, and one that cannot be counted has to fail")]

use std::fs::OpenOptions;
use std::io::{self, Write as _};

/// The variable that names the file in which `.ci/run` collects the reports of all test programs.
const COLLECTED_IN: &str = "JACKFIELD_SKIPPED_TESTS";

/// Reports that the calling test was skipped, and why.
///
/// The line goes to stderr past the test harness, which hides the output of passing tests, and to the end of the file that
/// `JACKFIELD_SKIPPED_TESTS` names.
///
/// # Panics
/// The file cannot be written: an uncounted skipped test would look like one that passed.
pub fn skipped(reason: &str) {
    let thread = std::thread::current();
    let line = line(thread.name(), reason);
    // A closed stderr is not an error: the file below has the line too.
    let _ = io::stderr().write_all(line.as_bytes());
    if let Some(path) = std::env::var_os(COLLECTED_IN) {
        let file = OpenOptions::new().create(true).append(true).open(&path);
        // One write, so that lines of several processes do not mix.
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .unwrap_or_else(|error| panic!("cannot append to {}: {error}", path.display()));
    }
}

/// The harness names the thread of a test after the test; if it runs tests on its own thread, that one is
/// called `main`.
fn line(thread: Option<&str>, reason: &str) -> String {
    match thread {
        Some(test) if test != "main" => format!("SKIPPED: {test}: {reason}\n"),
        _ => format!("SKIPPED: {reason}\n"),
    }
}
