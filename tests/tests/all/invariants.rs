//! All tests that `docs/invariants.md` names exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::specs::repository;

#[test]
fn tidy_every_invariant_has_a_test() {
    let known = Known::read();
    let page = fs::read_to_string(repository().join("docs/invariants.md")).unwrap();
    let rows = rows(&page);
    assert!(rows.len() > 40, "docs/invariants.md has only {} rows", rows.len());
    let problems: Vec<String> = rows.iter().filter_map(|row| known.problem_of(row)).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn invariant_without_an_existing_test_is_reported() {
    let known = Known {
        tests: BTreeSet::from(["redirect_drops_credentials".to_owned()]),
        tasks: BTreeSet::from(["leaks".to_owned()]),
        lints: "iter_over_hash_type = \"warn\"".to_owned(),
    };
    let page = "\
| Statement | Held by |
|---|---|
| It holds. | `redirect_drops_credentials`, `cargo xtask leaks`, `clippy::iter_over_hash_type`, `tests/Cargo.toml` |
| The test is gone. | `redirect_drops_credentials`, `no_such_test` |
| The task is gone. | `cargo xtask none` |
| The lint is off. | `clippy::none` |
| The file is gone. | `tests/none.rs` |
| Nothing holds it. | |
";
    let problems: Vec<String> = rows(page).iter().filter_map(|row| known.problem_of(row)).collect();
    assert_eq!(
        problems,
        [
            "`The test is gone.` names no_such_test, which does not exist",
            "`The task is gone.` names cargo xtask none, which does not exist",
            "`The lint is off.` names clippy::none, which does not exist",
            "`The file is gone.` names tests/none.rs, which does not exist",
            "`Nothing holds it.` names no test",
        ]
    );
}

/// A statement, and the names of the tests that hold it.
struct Row<'a> {
    statement: &'a str,
    names: Vec<&'a str>,
}

/// Returns the lines of all tables of a page, without headings.
fn rows(page: &str) -> Vec<Row<'_>> {
    page.lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|')?.rsplit_once('|'))
        .filter(|(statement, _)| statement.trim() != "Statement")
        .map(|(statement, names)| Row {
            statement: statement.trim(),
            names: names.split('`').skip(1).step_by(2).collect(),
        })
        .collect()
}

/// The names that the table may contain.
struct Known {
    tests: BTreeSet<String>,
    tasks: BTreeSet<String>,
    lints: String,
}

impl Known {
    fn read() -> Self {
        let mut tests = BTreeSet::new();
        for folder in ["crates", "tests", "xtask"] {
            collect_tests(&repository().join(folder), &mut tests);
        }
        let tasks = fs::read_to_string(repository().join("xtask/src/main.rs")).unwrap();
        let tasks = tasks.lines().filter_map(|line| line.trim().strip_prefix("Task::"));
        let tasks =
            tasks.map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>());
        Self {
            tests,
            tasks: tasks.map(|task| task.to_ascii_lowercase()).collect(),
            lints: fs::read_to_string(repository().join("Cargo.toml")).unwrap(),
        }
    }

    fn problem_of(&self, row: &Row<'_>) -> Option<String> {
        let Row { statement, names } = row;
        if names.is_empty() {
            return Some(format!("`{statement}` names no test"));
        }
        let missing = names.iter().find(|name| !self.has(name))?;
        Some(format!("`{statement}` names {missing}, which does not exist"))
    }

    fn has(&self, name: &str) -> bool {
        if let Some(task) = name.strip_prefix("cargo xtask ") {
            return self.tasks.contains(task);
        }
        if let Some(lint) = name.strip_prefix("clippy::") {
            return self.lints.lines().any(|line| line.starts_with(&format!("{lint} = ")));
        }
        if name.contains('/') {
            return repository().join(name).is_file();
        }
        self.tests.contains(name)
    }
}

/// Adds the names of all test functions below a folder.
fn collect_tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                collect_tests(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim) {
                if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                    is_test = true;
                } else if is_test && let Some((_, rest)) = line.split_once("fn ") {
                    found.insert(rest.split('(').next().unwrap_or_default().to_owned());
                    is_test = false;
                }
            }
        }
    }
}
