//! Tests that `jackfield explain` shows the request that a call sends, and the line that decided each part.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

/// A document to whose line numbers the tests refer.
const DOCUMENT: &str = r#"openapi: 3.0.3
info: { title: Shop, version: '1' }
servers: [{ url: https://api.example.com/v1 }]
security: [{ token: [] }]
paths:
  /books/{bookId}/notes:
    parameters:
      - { name: bookId, in: path, required: true, schema: { type: string } }
    post:
      operationId: addNote
      summary: Add a note
      parameters:
        - { name: X-Shelf, in: header, schema: { type: string } }
        - $ref: '#/components/parameters/Tags'
      requestBody:
        content:
          application/json:
            schema: { $ref: '#/components/schemas/Note' }
      responses: { '200': { description: Done. } }
  /books:
    get: { operationId: listBooks, summary: List books, responses: { '200': { description: Done. } } }
    delete: { operationId: burnBooks, summary: Delete all books, responses: { '200': { description: Done. } } }
components:
  parameters:
    Tags:
      { name: 'tag[]', in: query, schema: { type: array, items: { type: string } } }
  schemas:
    Note:
      allOf:
        - type: object
          properties:
            text: { type: string }
  securitySchemes:
    token: { type: http, scheme: bearer }
"#;

const MANIFEST: &str = r#"document = "openapi.yaml"
name = "shop"
exclude = ["listBooks"]

[ask]
addNote = "always"

[headers]
X-Channel = "web"

[rate]
addNote = { calls = "10/minute", concurrent = 2 }
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("the fixture is valid");
    fs::write(folder.path().join("openapi.yaml"), DOCUMENT).expect("the fixture is valid");
    fs::write(folder.path().join("connector.toml"), MANIFEST).expect("the fixture is valid");
    folder
}

fn run(folder: &Path, words: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jackfield"))
        .args(words)
        .envs(variables.iter().copied())
        .current_dir(folder)
        .output()
        .expect("the command can be started")
}

const ARGS: &str = r#"{"bookId": "a b", "tag": ["x", "y"], "X-Shelf": "top", "text": "hello"}"#;

fn explained(folder: &Path, variables: &[(&str, &str)]) -> Value {
    let out = run(folder, &["explain", "add_note", "--args", ARGS, "--json"], variables);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("the fixture is valid")
}

#[test]
fn explain_shows_the_line_that_decided_each_part_of_the_request() {
    let folder = folder();
    let explained = explained(folder.path(), &[]);
    let pieces: Vec<[&str; 4]> = explained["pieces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|piece| {
            let from = &piece["from"][0];
            [&piece["part"], &piece["value"], &from["source"], &from["line"]]
                .map(|value| value.as_str().unwrap_or_default())
        })
        .collect();
    for expected in [
        ["base URL", "https://api.example.com/v1", "server", "openapi.yaml:3"],
        ["method", "POST", "operation", "openapi.yaml:9"],
        ["path", "a%20b", "argument `bookId`", "openapi.yaml:8"],
        ["query", "x", "argument `tag`, in the document `tag[]`", "openapi.yaml:25"],
        ["header", "top", "argument `X-Shelf`", "openapi.yaml:13"],
        ["header", "web", "setting; SHOP_HEADER_X_CHANNEL replaces it", "connector.toml:9:1"],
        ["header", "application/json", "media type of the body", "openapi.yaml:15"],
        ["header", "Bearer <SHOP_TOKEN>", "credential of `token`", "openapi.yaml:34"],
        ["body", "\"hello\"", "argument `text`", "openapi.yaml:32"],
    ] {
        assert!(pieces.contains(&expected), "{expected:?}\n{pieces:#?}");
    }
    assert_eq!(
        explained["choices"],
        json!([
            { "table": "ask", "key": "addNote", "line": "connector.toml:6:1" },
            { "table": "rate", "key": "addNote", "line": "connector.toml:12:1" },
        ])
    );
    assert_eq!(explained["rate"], "10 calls per minute for each caller, at most 2 at a time");
    assert_eq!(explained["http"]["approval"], "waits for a person");
    assert_eq!(explained["stdio"]["approval"], "waits for a person");
    assert_eq!(explained["origin"]["url"], "https://api.example.com");
    assert_eq!(explained["origin"]["because"], "server 1");
}

#[test]
fn explain_lists_connector_toml_entries_whose_selectors_match_the_tool() {
    let folder = folder();
    let manifest = "document = \"openapi.yaml\"\nname = \"shop\"\n[effect]\n\"effect:destroy\" = \"write\"\n[ask]\n\"*\" = \"never\"\n\
                    \"!effect:read\" = \"always\"\n[rename]\n\"POST /books/*\" = \"write_note\"\n[rate]\n\"effect:write\" = { calls = \"10/minute\" }\n\
                    [cache]\n\"method:GET\" = 60\n";
    fs::write(folder.path().join("connector.toml"), manifest).expect("the fixture is valid");
    let choices = |tool: &str, arguments: &str| {
        let out = run(folder.path(), &["explain", tool, "--args", arguments, "--json"], &[]);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let explained: Value = serde_json::from_slice(&out.stdout).expect("the fixture is valid");
        let choices = explained["choices"].as_array().unwrap().clone();
        let shown = |choice: &Value| {
            let [table, key, line] = ["table", "key", "line"].map(|key| choice[key].as_str().unwrap());
            format!("{table} {key} {}", line.strip_prefix("connector.toml:").unwrap())
        };
        choices.iter().map(shown).collect::<Vec<_>>()
    };
    assert_eq!(
        choices("write_note", ARGS),
        ["ask !effect:read 7:1", "rename POST /books/* 9:1", "rate effect:write 11:1"]
    );
    assert_eq!(
        choices("burn_books", "{}"),
        ["effect effect:destroy 4:1", "ask !effect:read 7:1", "rate effect:write 11:1"]
    );
    assert_eq!(choices("list_books", "{}"), ["ask * 6:1", "cache method:GET 13:1"]);

    // The page of `review` and the findings of `lint` name the same lines.
    let out = run(folder.path(), &["review", "-o", "-"], &[]);
    let page = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(page.contains("[effect] effect:destroy</code> connector.toml:4:1"), "{page}");
    let out = run(folder.path(), &["lint", "--all"], &[]);
    let said = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
    let finding = said.split("lowered-effect").nth(1).unwrap_or_else(|| panic!("{said}"));
    // The key also applies to other tools, so the fix adds a line for this tool.
    assert!(finding.contains("connector.toml:4:1") && finding.contains("burnBooks = \"destroy\""), "{said}");
}

#[test]
fn explained_request_equals_the_dry_run_of_the_served_connector() {
    let folder = folder();
    let variables = [("SHOP_TOKEN", "canary-9"), ("SHOP_HEADER_X_CHANNEL", "app")];
    let explained = explained(folder.path(), &variables);
    let words = ["preview", "connector.toml", "call", "add_note", ARGS, "--dry-run"];
    let out = run(folder.path(), &words, &variables);
    let dry = String::from_utf8(out.stdout).unwrap();
    assert_eq!(explained["request"].as_str().unwrap().trim_end(), dry.trim_end());
    assert!(!explained.to_string().contains("canary"), "{explained}");
    assert_eq!(explained["credentials"][0]["set"], true);
}

#[test]
fn text_output_of_explain_shows_credential_approval_rate_and_retries() {
    let folder = folder();
    let out = run(folder.path(), &["explain", "POST /books/{bookId}/notes", "--args", ARGS], &[]);
    let text = String::from_utf8(out.stdout).unwrap();
    for part in [
        "POST https://api.example.com/v1/books/a%20b/notes?tag%5B%5D=x&tag%5B%5D=y\n",
        "bearer token in header `authorization`, from SHOP_TOKEN (not set",
        "connector.toml sets `ask` to always",
        "rate: 10 calls per minute",
        "retry: never sent again, because a second request could have a second effect\n",
        "[ask] addNote  connector.toml:6:1",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn explain_with_an_invalid_argument_shows_the_same_error_as_call() {
    let folder = folder();
    let words = ["explain", "add_note", "--args", r#"{"text": 5}"#];
    let out = run(folder.path(), &words, &[]);
    assert_eq!(out.status.code(), Some(1));
    let explained = String::from_utf8(out.stderr).unwrap();
    let words = ["preview", "connector.toml", "call", "add_note", r#"{"text": 5}"#, "--dry-run"];
    let called = String::from_utf8(run(folder.path(), &words, &[]).stderr).unwrap();
    assert!(explained.contains("bookId"), "{explained}");
    let reason = explained.trim_start_matches("error: ").trim_end();
    assert!(called.contains(reason), "{reason}\n{called}");
}

#[test]
fn explain_of_an_operation_that_is_not_a_tool_says_why() {
    let folder = folder();
    let said = |tool: &str| {
        let out = run(folder.path(), &["explain", tool], &[]);
        assert_eq!(out.status.code(), Some(2));
        String::from_utf8(out.stderr).unwrap()
    };
    assert!(said("listBooks").contains("GET /books is not a tool: `include` or `exclude`"));
    assert!(said("add_notes").contains("add_note"), "{}", said("add_notes"));
    let empty = tempfile::tempdir().unwrap();
    let out = run(empty.path(), &["explain", "x"], &[]);
    assert!(String::from_utf8_lossy(&out.stderr).contains("there is no connector.toml here"));
}
