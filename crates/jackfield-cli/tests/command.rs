//! The command as a process: what it prints, where, and with which exit code.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn jackfield(words: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jackfield"))
        .args(words)
        .current_dir(folder)
        .output()
        .expect("the command can be started")
}

fn spec(name: &str) -> String {
    repository().join("specs").join(name).display().to_string()
}

#[test]
fn findings_as_json_are_a_line_each() {
    let folder = tempfile::tempdir().unwrap();
    let out = jackfield(&["gen", &spec("broken_parts.yaml"), "--message-format", "json"], folder.path());
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (count, findings) = lines.split_last().unwrap();
    assert_eq!(count["operations"], 25);
    assert_eq!(count["emitted"].as_u64().unwrap() + count["skipped"].as_u64().unwrap(), 25);
    assert!(findings.len() > 10);
    for finding in findings {
        assert!(
            finding["code"].is_string() && finding["line"].is_u64() && finding["remedy"].is_string(),
            "{finding}"
        );
    }
}

#[test]
fn denied_warnings_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let out = jackfield(&["gen", &spec("broken_parts.yaml"), "--deny", "warnings"], folder.path());
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let out = jackfield(&["gen", &spec("bookshop.yaml"), "--deny", "warnings"], folder.path());
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn check_names_file_difference_and_command() {
    let folder = tempfile::tempdir().unwrap();
    assert!(jackfield(&["gen", &spec("bookshop.yaml")], folder.path()).status.success());
    let connector = folder.path().join("bookshop-mcp");
    assert!(jackfield(&["gen", "--check"], &connector).status.success());
    let file = connector.join("src/generated/books.rs");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("Search the catalogue", "Burn the catalogue", 1)).unwrap();
    let out = jackfield(&["gen", "--check"], &connector);
    assert_eq!(out.status.code(), Some(1));
    let said = String::from_utf8(out.stdout).unwrap();
    for part in [
        "src/generated/books.rs:",
        "- /// Burn the catalogue",
        "+ /// Search the catalogue",
        "run `jackfield gen`",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

#[test]
fn the_commands_of_the_readme_are_understood() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let commands: Vec<&str> = readme.lines().filter(|line| line.starts_with("jackfield ")).collect();
    assert!(commands.len() >= 2, "the README has no commands any more");
    for line in commands {
        let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        if let Err(problem) = jackfield_cli::understand(&words) {
            panic!("{line}\n{problem}");
        }
    }
}
