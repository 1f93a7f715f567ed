//! Tests do not wait for a fixed time: they wait for a condition, or move a clock or a stored time.

use std::fs;
use std::path::Path;

use crate::specs::repository;

/// Files in which tests may sleep, each with its reason.
const ALLOWED: &[(&str, &str)] = &[
    (
        "crates/jackfield-testkit/src/upstream.rs",
        "pauses after a failed accept, so that a full table of files does not spin",
    ),
    (
        "crates/jackfield-testkit/src/upstream/answer.rs",
        "a service that answers late, or in pieces, is what some tests are about",
    ),
    (
        "tests/suite_servers/src/content.rs",
        "the conformance suite wants a tool that reports progress while it takes time",
    ),
    (
        "tests/suite_servers/src/sessions.rs",
        "the conformance suite wants a tool that logs while it takes time",
    ),
    ("tests/suite_servers/src/tasks.rs", "the conformance suite wants tasks that take time"),
    ("tests/tests/all/sleeps.rs", "names the calls that it looks for"),
];

/// Whether a file has only tests or test helpers.
fn is_of_tests(path: &str) -> bool {
    path.starts_with("tests/")
        || path.starts_with("crates/jackfield-testkit/")
        || path.contains("/tests/")
        || path.ends_with("/tests.rs")
}

/// Returns the numbers of the lines that sleep. If a file has its tests at the end, only the lines of the tests are
/// checked.
fn sleeping_lines(path: &str, text: &str) -> Vec<usize> {
    let start =
        if is_of_tests(path) { Some(0) } else { text.lines().position(|line| line.trim() == "#[cfg(test)]") };
    let Some(start) = start else { return Vec::new() };
    let lines = text.lines().enumerate().skip(start);
    lines.filter(|(_, line)| calls_sleep(line)).map(|(at, _)| at + 1).collect()
}

fn calls_sleep(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    ["sleep(", "sleep_until(", "park_timeout("].iter().any(|call| {
        code.match_indices(call)
            .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

fn collect(folder: &Path, below: &str, found: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{below}{name}");
        if entry.file_type().unwrap().is_dir() {
            if !["target", "node_modules", "venv", "generated", "connectors"].contains(&name.as_str()) {
                collect(&entry.path(), &format!("{path}/"), found);
            }
        } else if name.ends_with(".rs") {
            found.push((path, fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

#[test]
fn tests_never_sleep_for_a_fixed_time() {
    let mut files = Vec::new();
    for top in ["crates", "tests", "xtask"] {
        collect(&repository().join(top), &format!("{top}/"), &mut files);
    }
    assert!(files.len() > 100, "too few source files were found: {}", files.len());
    let sleeping: Vec<(&str, Vec<usize>)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), sleeping_lines(path, text)))
        .filter(|(_, lines)| !lines.is_empty())
        .collect();
    let is_allowed = |path: &str| ALLOWED.iter().any(|(allowed, _)| *allowed == path);
    let unknown: Vec<String> = sleeping
        .iter()
        .filter(|(path, _)| !is_allowed(path))
        .flat_map(|(path, lines)| lines.iter().map(move |line| format!("{path}:{line}")))
        .collect();
    assert!(unknown.is_empty(), "tests sleep here; wait for a condition or move a clock: {unknown:#?}");
    for (allowed, reason) in ALLOWED {
        assert!(
            sleeping.iter().any(|(path, _)| path == allowed),
            "{allowed} no longer sleeps: remove its line ({reason})"
        );
    }
}

#[test]
fn sleep_in_tests_is_detected_with_its_line() {
    let text = "fn pause() { sleep(1); }\n#[cfg(test)]\nmod tests {\n    std::thread::sleep(PAUSE); // sleep(\n    asleep(1);\n}\n";
    assert_eq!(sleeping_lines("crates/a/src/lib.rs", text), [4]);
    assert_eq!(sleeping_lines("crates/a/tests/all.rs", text), [1, 4]);
    assert_eq!(sleeping_lines("crates/a/src/lib.rs", "fn pause() { sleep(1); }\n"), Vec::<usize>::new());
}
