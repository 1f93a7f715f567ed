//! Merged tools in the commands of `jackfield`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

fn merges() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/merges")).unwrap()
}

fn run(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jackfield")).args(words).current_dir(merges()).output().unwrap()
}

fn text(words: &[&str]) -> String {
    let out = run(words);
    let (text, error) = (String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap());
    assert!(out.status.success(), "{words:?}\n{text}\n{error}");
    text
}

fn inspected() -> Value {
    serde_json::from_str(&text(&["inspect", "connector.toml", "--json"])).unwrap()
}

#[test]
fn inspect_lists_a_merged_tool_with_its_operations() {
    let all = inspected();
    let tools = all["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["save_book", "get_book", "retire_book", "list_loans", "list_orders"]);
    let retire = &tools[2];
    assert_eq!(
        (&retire["effect"], &retire["arguments"], &retire["required"]),
        (&json!("destroy"), &json!(2), &json!(2))
    );
    let operations: Vec<[&str; 3]> = retire["operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| ["name", "route", "effect"].map(|key| one[key].as_str().unwrap()))
        .collect();
    assert_eq!(
        operations,
        [
            ["burn_book", "DELETE /books/{bookId}", "destroy"],
            ["store_book", "POST /books/{bookId}/archive", "write"]
        ]
    );
    assert!(tools.iter().all(|tool| tool["tokens"].as_u64().unwrap() > 0), "{all}");
    let table = text(&["inspect", "connector.toml"]);
    assert!(table.contains("5 tools") && table.contains("GET /books/by-title"), "{table}");
}

#[test]
fn explain_says_which_operation_is_chosen_and_why() {
    for (tool, arguments, operation, because) in [
        ("get_book", r#"{"title": "Emma"}"#, "find_book", "its required arguments are given (`title`)"),
        (
            "save_book",
            r#"{"title": "Emma", "bookId": "7"}"#,
            "update_book",
            "its required arguments are given (`bookId`)",
        ),
        ("list_orders", "{}", "list_orders", "no argument selects another operation"),
        ("retire_book", r#"{"operation": "burn", "bookId": "7"}"#, "burn_book", "`operation` is `burn`"),
    ] {
        let out = text(&["explain", tool, "--args", arguments, "--json"]);
        let explained: Value = serde_json::from_str(&out).unwrap();
        let merged = &explained["merged"];
        assert_eq!((&merged["tool"], &merged["operation"]), (&json!(tool), &json!(operation)), "{out}");
        assert!(merged["because"].as_str().unwrap().starts_with(because), "{out}");
        assert!(merged["line"].as_str().unwrap().contains("connector.toml:"), "{out}");
        let shown = text(&["explain", tool, "--args", arguments]);
        assert!(
            shown.contains(&format!("{tool}: operation {operation}")) && shown.contains(because),
            "{shown}"
        );
    }
    let out = run(&["explain", "get_book", "--json"]);
    assert!(!out.status.success());
    let refused: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert!(refused["error"].as_str().unwrap().contains("- `bookId` (get_book)"), "{refused}");
}

#[test]
fn preview_lists_and_calls_the_selected_operation() {
    let listed = text(&["preview", "connector.toml", "tools"]);
    assert!(listed.contains("read     Find a book by its title; Look at one book"), "{listed}");
    assert!(listed.contains("get_book") && !listed.contains("find_book  "), "{listed}");
    let one = text(&["preview", "connector.toml", "tools", "get_book"]);
    for part in ["GET /books/by-title or GET /books/{bookId}", "operation find_book", "call get_book"] {
        assert!(one.contains(part), "{part}\n{one}");
    }
    let request = text(&["preview", "connector.toml", "call", "get_book", r#"{"bookId": "7"}"#, "--dry-run"]);
    assert!(request.starts_with("GET https://api.example.com/books/7\n"), "{request}");
}

#[test]
fn review_shows_every_operation_of_a_merged_tool() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["connector.toml", "shop.yaml"] {
        fs::copy(merges().join(file), folder.path().join(file)).unwrap();
    }
    let out = Command::new(env!("CARGO_BIN_EXE_jackfield"))
        .arg("review")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let page = fs::read_to_string(folder.path().join("review.html")).unwrap();
    for part in [
        "This tool calls one of 2 operations",
        "<code>burn_book</code>",
        "DELETE https://api.example.com/books/{bookId}",
        "POST https://api.example.com/books/{bookId}/archive",
        "<code>find_book</code>",
        "1 calls in 3600 s",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let tokens = inspected()["tokens"].as_u64().unwrap();
    assert!(page.contains(&format!("<data value=\"{tokens}\" data-total=\"tokens\">")), "{tokens}");
    assert!(page.contains("<data value=\"5\" data-total=\"all\">"));
}

#[test]
fn lint_reports_a_merge_of_reads_and_writes() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = |operations: &str| {
        let document = merges().join("shop.yaml");
        format!("document = {:?}\n[merge.book]\noperations = {operations}\n", document.to_str().unwrap())
    };
    for (operations, is_mixed) in [
        ("{ get = 'getBook', burn = 'burnBook' }", true),
        ("{ store = 'storeBook', burn = 'burnBook' }", false),
    ] {
        fs::write(folder.path().join("connector.toml"), manifest(operations)).unwrap();
        let mut lint = Command::new(env!("CARGO_BIN_EXE_jackfield"));
        let lint = lint.args(["lint", "--profile", "claude-directory"]).current_dir(folder.path());
        let said = String::from_utf8(lint.output().unwrap().stderr).unwrap();
        let problem = "`book` merges operations that read and operations that do not";
        assert_eq!(said.contains(problem), is_mixed, "{said}");
        assert!(said.contains("`book` destroys something"), "{said}");
        assert!(said.contains("[merge.book]\n      title = \"Book\""), "{said}");
    }
}
