//! Tests how the commands of `jackfield` handle merged tools.

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
fn explain_of_a_merged_tool_says_which_operation_is_selected_and_why() {
    for (tool, arguments, operation, because) in [
        ("get_book", r#"{"title": "Emma"}"#, "find_book", "the call gives its required arguments (`title`)"),
        (
            "save_book",
            r#"{"title": "Emma", "bookId": "7"}"#,
            "update_book",
            "the call gives its required arguments (`bookId`)",
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
fn preview_lists_a_merged_tool_and_calls_the_selected_operation() {
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
        "1 call per hour for each caller",
        "2 calls per hour for each caller, counted with the other calls of `save_book`",
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
        assert!(said.contains("`burn_book` (an operation of `book`) destroys something"), "{said}");
        assert!(said.contains("[merge.book]\n      title = \"Book\""), "{said}");
    }
}

/// Runs a command in a temporary folder whose connector.toml has these choices.
fn in_folder(choices: &str, words: &[&str]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(merges().join("shop.yaml"), folder.path().join("shop.yaml")).unwrap();
    fs::write(folder.path().join("connector.toml"), format!("document = 'shop.yaml'\n{choices}")).unwrap();
    let said = said(folder.path(), words);
    (folder, said)
}

fn said(folder: &Path, words: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_jackfield"))
        .args(words)
        .current_dir(folder)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr))
}

#[test]
fn lint_fix_for_a_merged_tool_names_the_operation_and_removes_the_finding() {
    const MERGE: &str = "[merge.act]\noperations = { burn = 'burnBook', store = 'storeBook' }\n";
    for (choices, problem, table, from, to) in [
        (
            "[ask]\n'DELETE /books/{bookId}' = 'never'\n",
            "`burn_book` (an operation of `act`) destroys something, and connector.toml says that its calls never wait for approval",
            "ask",
            "'DELETE /books/{bookId}' = 'never'",
            "\"DELETE /books/{bookId}\" = \"always\"",
        ),
        (
            "[ask]\nburn_book = 'never'\n",
            "`burn_book` (an operation of `act`) destroys something",
            "ask",
            "burn_book = 'never'",
            "burn_book = \"always\"",
        ),
        (
            // The operation no longer has the strongest effect of the merged tool.
            "[effect]\nburnBook = 'write'\nstoreBook = 'destroy'\n[ask]\nstoreBook = 'always'\n",
            "connector.toml gives `burn_book` (an operation of `act`) (DELETE /books/{bookId}) the effect `write`",
            "effect",
            "burnBook = 'write'\n",
            "# without burnBook",
        ),
    ] {
        let (folder, said_before) = in_folder(&format!("{MERGE}{choices}"), &["lint"]);
        assert!(said_before.contains(problem), "{said_before}");
        assert!(said_before.contains(&format!("[{table}]\n      {to}\n")), "{said_before}");
        let path = folder.path().join("connector.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replace(from, if to.starts_with('#') { "" } else { to })).unwrap();
        let said_after = said(folder.path(), &["lint"]);
        assert!(!said_after.contains("error"), "{said_after}");
        assert!(!said_after.contains(problem), "{said_after}");
    }
}

#[test]
fn lint_suggests_no_rename_line_for_a_merged_tool() {
    let choices = "[merge.get_book_2]\noperations = ['getBook', 'findBook']\n[rename]\naddBook = 'get_book_3'\n\
                   [effect]\naddBook = 'read'\n";
    let (_, said) = in_folder(choices, &["lint"]);
    assert!(said.contains("differ only in a number"), "{said}");
    assert!(!said.contains("[rename]\n      get_book_2"), "{said}");
}

#[test]
fn describe_selects_poorly_described_tools_but_no_merged_tools() {
    const MERGE: &str = "[merge.get_book]\noperations = ['getBook', 'findBook']\n";
    let words = ["describe", "--dry-run", "--tool"];
    for (selector, tools) in [
        ("list_orders_of_customer", &["list_orders_of_customer"][..]),
        ("tag:orders", &["list_orders", "list_orders_of_customer"]),
        ("burn_book", &["burn_book"]),
        ("get_book", &[]),
        ("tag:books", &["add_book", "update_book", "burn_book", "store_book"]),
    ] {
        let (_, said) = in_folder(MERGE, &[words[0], words[1], words[2], selector]);
        let requests = said.lines().filter(|line| line.starts_with('{'));
        let requests: Vec<Value> = requests.map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut found: Vec<&str> = requests
            .iter()
            .flat_map(|request| request["tools"].as_array().unwrap())
            .map(|tool| tool["tool"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        let mut expected = tools.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{selector}: {said}");
        let is_left_out =
            said.contains("get_book") && said.contains("[merge.get_book] in connector.toml describes it");
        assert_eq!(is_left_out, ["get_book", "tag:books"].contains(&selector), "{selector}: {said}");
    }
}

#[test]
fn withheld_merged_tool_is_counted_as_one_tool() {
    let (folder, written) = in_folder(
        &fs::read_to_string(merges().join("connector.toml")).unwrap().replacen(
            "document = \"shop.yaml\"\n",
            "",
            1,
        ),
        &["gen", "--lock-only", "--yes"],
    );
    assert!(written.contains("10 of 10 operations became 5 tools"), "{written}");
    let path = folder.path().join("shop.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("summary: Look at one book", "summary: Look at a book")).unwrap();
    let said = said(folder.path(), &["serve", "."]);
    assert!(said.contains("1 of 5 tools is withheld"), "{said}");
}

#[test]
fn inspect_and_explain_show_the_resource_of_a_merged_operation() {
    let shown = inspected()["tools"][1]["operations"][0].clone();
    assert_eq!(shown["resource"], "merged-shop://api/books/by-title{?title,shelf}", "{shown}");
    let table = text(&["inspect", "connector.toml"]);
    assert!(table.contains("find_book    merged-shop://api/books/by-title"), "{table}");
    let explained = text(&["explain", "get_book", "--args", r#"{"title": "Emma"}"#]);
    assert!(explained.contains("[resources] GET /books/by-title"), "{explained}");
    let explained = text(&["explain", "save_book", "--args", r#"{"title": "Emma"}"#]);
    assert!(explained.contains("counted with the other calls of `save_book`"), "{explained}");
}

#[cfg(unix)]
#[test]
fn described_texts_of_an_operation_are_kept_when_the_operation_is_merged() {
    let (folder, _) = in_folder("", &["inspect", "connector.toml"]);
    let answer = json!({ "texts": { "burn_book.description": "Takes a book out of the shop for good." } });
    fs::write(folder.path().join("answer.json"), answer.to_string()).unwrap();
    let words = ["describe", "--apply", "--tool", "burn_book", "--with", "cat answer.json"];
    let described = said(folder.path(), &words);
    assert!(described.contains("1 texts of 1 tools, 1 new"), "{described}");
    let path = folder.path().join("connector.toml");
    let text = fs::read_to_string(&path).unwrap();
    let merge = "\n[merge.act]\noperations = { burn = 'burnBook', store = 'storeBook' }\n";
    fs::write(&path, format!("{text}{merge}")).unwrap();
    for words in [&["describe", "--check"][..], &["describe", "--with", "cat answer.json"]] {
        said(folder.path(), words);
        let overlay = fs::read_to_string(folder.path().join("descriptions.overlay.yaml")).unwrap();
        assert!(overlay.contains("Takes a book out of the shop for good."), "{words:?}\n{overlay}");
    }
}
