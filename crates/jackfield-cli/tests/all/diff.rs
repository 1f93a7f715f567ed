//! Tests `jackfield diff` and `jackfield gen --check --report` as processes, with documents, connectors and git revisions.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::git::git;

const DOCUMENT: &str = "\
openapi: 3.0.3
info: { title: Shop, version: '1' }
servers: [{ url: https://api.example.com }]
paths:
  /books:
    get:
      operationId: listBooks
      parameters:
        - { name: limit, in: query, schema: { type: integer, maximum: 100 } }
      responses: { '204': { description: Done. } }
    delete: { operationId: burnBooks, responses: { '204': { description: Done. } } }
";

fn jackfield(words: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jackfield")).args(words).current_dir(folder).output().unwrap()
}

/// Runs the command, and returns stdout and the exit status.
fn run(words: &[&str], folder: &Path) -> (String, Option<i32>) {
    let out = jackfield(words, folder);
    let text = String::from_utf8(out.stdout).unwrap();
    if out.status.code() == Some(2) {
        return (String::from_utf8(out.stderr).unwrap(), Some(2));
    }
    (text, out.status.code())
}

/// Creates a folder with two documents. An argument in the second document takes fewer values.
fn documents() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old.yaml"), DOCUMENT).unwrap();
    fs::write(folder.path().join("new.yaml"), DOCUMENT.replace("maximum: 100", "maximum: 50")).unwrap();
    folder
}

/// Creates a repository with two commits, and with a connector in `shop/` whose document is outside that folder.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::create_dir_all(path.join("shop")).unwrap();
    fs::create_dir_all(path.join("api")).unwrap();
    fs::write(path.join("api/api.yaml"), DOCUMENT).unwrap();
    fs::write(path.join("shop/connector.toml"), "document = \"../api/api.yaml\"\nname = \"shop\"\n").unwrap();
    git(&["init", "--quiet"], path);
    assert!(jackfield(&["gen", "--lock-only"], &path.join("shop")).status.success());
    git(&["add", "."], path);
    git(&["commit", "--quiet", "-m", "one"], path);
    fs::write(path.join("api/api.yaml"), DOCUMENT.replace("maximum: 100", "maximum: 50")).unwrap();
    assert!(jackfield(&["gen", "--lock-only"], &path.join("shop")).status.success());
    git(&["commit", "--quiet", "-a", "-m", "two"], path);
    folder
}

const NARROWED: &str = "`list_books`: argument `limit` narrowed: maximum `100` → `50`";

#[test]
fn diff_exits_with_1_for_a_narrowed_argument_and_0_for_equal_documents() {
    let folder = documents();
    let (text, status) = run(&["diff", "old.yaml", "old.yaml"], folder.path());
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("no differences; tools 2 → 2"), "{text}");
    let (text, status) = run(&["diff", "old.yaml", "new.yaml"], folder.path());
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("breaking (1)") && text.contains(NARROWED), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    for (class, expected) in [("security", 0), ("breaking", 1), ("wording", 1), ("none", 0)] {
        let (text, status) = run(&["diff", "old.yaml", "new.yaml", "--fail-on", class], folder.path());
        assert_eq!(status, Some(expected), "{class}\n{text}");
    }
    let (text, status) = run(&["diff", "old.yaml", "missing.yaml"], folder.path());
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("missing.yaml"), "{text}");
}

#[test]
fn help_of_diff_explains_exit_status_and_revisions() {
    let folder = tempfile::tempdir().unwrap();
    let (text, _) = run(&["diff", "--help"], folder.path());
    for part in ["Exit status:", "REV:PATH", "jackfield diff HEAD~1 .", "--fail-on <CLASS>"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn json_report_of_diff_has_the_documented_keys() {
    let folder = documents();
    let (text, status) = run(&["diff", "old.yaml", "new.yaml", "--json"], folder.path());
    assert_eq!(status, Some(1));
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["format"], 1);
    assert_eq!((&report["class"], &report["counts"]["breaking"]), (&"breaking".into(), &1.into()));
    assert_eq!(report["tools"]["after"], 2);
    assert!(report["tokens"]["before"].is_u64());
    let change = &report["changes"][0];
    assert_eq!(change["kind"], "argument-narrowed");
    assert_eq!(change["tools"], serde_json::json!(["list_books"]));
    assert_eq!((&change["before"], &change["after"]), (&"100".into(), &"50".into()));
    assert_eq!(change["text"], NARROWED);
}

#[test]
fn every_kind_of_change_is_documented() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diff.md");
    let page = fs::read_to_string(page).unwrap();
    for kind in jackfield_build::diff::Kind::ALL {
        assert!(page.contains(&format!("`{}`", kind.as_str())), "{}", kind.as_str());
    }
}

#[test]
fn text_of_a_hostile_document_does_not_become_markup_in_the_markdown_report() {
    let folder = documents();
    let hostile = DOCUMENT.replace("operationId: listBooks", "operationId: listBooks\n      description: \"</code> ``` `<script>alert(1)</script> ![x](http://evil.example.net) @team #1 \\e[31m\\u202e\\n\\n# heading\"");
    fs::write(folder.path().join("new.yaml"), hostile).unwrap();
    let words = ["diff", "old.yaml", "new.yaml", "--markdown", "--wording", "full"];
    let (text, _) = run(&words, folder.path());
    assert!(text.contains("<script>"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    // Outside code spans, the line has only the words of the report.
    for line in text.lines().filter(|line| line.contains("script")) {
        let outside = without_code_spans(line);
        assert!(!outside.contains(['<', '@', '[', '!']) && !outside.contains("evil"), "{line}\n{outside}");
    }
    assert!(!text.lines().any(|line| line.starts_with("# ")), "{text}");
}

/// Returns the text of a line outside code spans, by the rules of CommonMark.
fn without_code_spans(line: &str) -> String {
    let mut outside = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        outside.push_str(&rest[..start]);
        let length = rest[start..].chars().take_while(|c| *c == '`').count();
        let inner = &rest[start + length..];
        let mut at = 0;
        let end = loop {
            let found = at + inner[at..].find('`').expect("every span is closed");
            let run = inner[found..].chars().take_while(|c| *c == '`').count();
            if run == length {
                break found + run;
            }
            at = found + run;
        };
        rest = &inner[end..];
    }
    outside + rest
}

#[test]
fn document_outside_the_connector_folder_is_read_from_each_revision() {
    let repository = repository();
    let shop = repository.path().join("shop");
    for words in [
        ["HEAD~1", "."],
        ["HEAD~1", "HEAD"],
        ["HEAD~1:.", "connector.toml"],
        ["HEAD~1:../api/api.yaml", "../api/api.yaml"],
    ] {
        let (text, status) = run(&["diff", words[0], words[1]], &shop);
        assert_eq!(status, Some(1), "{words:?}\n{text}");
        assert!(text.contains(NARROWED), "{words:?}\n{text}");
    }
    let (text, status) = run(&["diff", "HEAD", "."], &shop);
    assert_eq!(status, Some(0), "{text}");
    // For each revision, the names of tools come from the lock of that revision.
    let (text, status) =
        run(&["diff", "HEAD~1:shop", "HEAD:shop", "--fail-on", "security"], repository.path());
    assert_eq!(status, Some(0), "{text}");
}

#[test]
fn files_of_revisions_are_removed_after_a_comparison_and_after_an_error() {
    let repository = repository();
    let temporary = tempfile::tempdir().unwrap();
    for words in [
        ["HEAD~1:shop", "HEAD:shop"],
        ["HEAD:shop", "HEAD:api"],
        ["HEAD:shop/connector.toml", "HEAD:nothing"],
    ] {
        let out = Command::new(env!("CARGO_BIN_EXE_jackfield"))
            .args(["diff", words[0], words[1]])
            .current_dir(repository.path())
            .env("TMPDIR", temporary.path())
            .output()
            .unwrap();
        assert_ne!(out.status.code(), Some(0), "{words:?}");
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0, "{words:?}");
    }
}

#[test]
fn hostile_revision_names_are_refused_and_start_no_program() {
    let repository = repository();
    for name in ["--upload-pack=touch hacked", "--output=hacked", "-O", "--output=hacked:api/api.yaml"] {
        let (text, status) = run(&["diff", "--", name, "api/api.yaml"], repository.path());
        assert_eq!(status, Some(2), "{text}");
        assert!(text.contains("names of revisions do not begin with `-`"), "{text}");
    }
    for name in
        ["HEAD;touch hacked", "$(touch hacked)", "HEAD:../../etc/passwd", "HEAD:/etc/passwd", "nothing-here"]
    {
        let (text, status) = run(&["diff", name, "api/api.yaml"], repository.path());
        assert_eq!(status, Some(2), "{name}\n{text}");
    }
    assert!(!repository.path().join("hacked").exists());
}

#[cfg(unix)]
#[test]
fn symbolic_link_in_a_revision_is_not_followed() {
    let repository = repository();
    let secret = repository.path().join("secret.yaml");
    std::os::unix::fs::symlink("/etc/passwd", secret).unwrap();
    git(&["add", "."], repository.path());
    git(&["commit", "--quiet", "-m", "link"], repository.path());
    let (text, status) = run(&["diff", "HEAD:secret.yaml", "api/api.yaml"], repository.path());
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("HEAD has no file or folder secret.yaml"), "{text}");
}

#[test]
fn check_with_report_classifies_the_changes_since_the_lock() {
    let repository = repository();
    let shop = repository.path().join("shop");
    let check = ["gen", "--lock-only", "--check", "--report"];
    let (text, status) = run(&check, &shop);
    assert_eq!(status, Some(0), "{text}");
    let changed = DOCUMENT.replace("maximum: 100", "maximum: 20");
    fs::write(repository.path().join("api/api.yaml"), changed).unwrap();
    let (text, status) = run(&check, &shop);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("`list_books`: argument `limit` narrowed: maximum `50` → `20`"), "{text}");
    let (text, _) = run(&["gen", "--lock-only", "--check", "--report=json"], &shop);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["changes"][0]["kind"], "argument-narrowed");
    // If no commit has the document of the lock, only the locks are compared.
    fs::remove_dir_all(repository.path().join(".git")).unwrap();
    let (text, status) = run(&check, &shop);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("`list_books`: changed, digest"), "{text}");
    assert!(text.contains("only jackfield.lock was compared"), "{text}");
}
