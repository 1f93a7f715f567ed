//! Tests that the lines of `jackfield suggest` are valid, and that each removes the finding for which it is suggested.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: Shop, version: '1' }
servers: [{ url: https://api.example.com }]
paths:
  /books:
    get: { operationId: listBooks, responses: { '204': { description: Done. } } }
  /books/{bookId}:
    parameters: [{ name: bookId, in: path, required: true, schema: { type: string } }]
    delete: { operationId: removeBook, summary: Remove a book, responses: { '204': { description: Done. } } }
    put: { operationId: setBook, summary: Change a book, responses: { '204': { description: Done. } } }
";

const MANIFEST: &str = "document = \"api.yaml\"\nname = \"shop\" # the shop\n\n# The titles that people see.\n[describe]\nsetBook = \"Changes a book\"\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("the fixture is valid");
    fs::write(folder.path().join("api.yaml"), DOCUMENT).expect("the fixture is valid");
    fs::write(folder.path().join("connector.toml"), MANIFEST).expect("the fixture is valid");
    folder
}

fn run(folder: &Path, words: &[&str]) -> Output {
    let command = Command::new(env!("CARGO_BIN_EXE_jackfield")).args(words).current_dir(folder).output();
    command.expect("the command can be started")
}

fn findings(folder: &Path) -> usize {
    let out = run(folder, &["lint", "--json"]);
    String::from_utf8(out.stdout).expect("the fixture is valid").lines().count()
}

#[test]
fn every_suggestion_has_a_reason_and_a_number_of_saved_tokens() {
    let folder = folder();
    let text = String::from_utf8(run(folder.path(), &["suggest"]).stdout).unwrap();
    for part in [
        "# unapproved-destroy: destroying tools that do not always wait for a person; changes no tokens of the list\n[ask]\n",
        "# `remove_book` destroys something, and its calls wait for approval only by default\nremoveBook = \"always\"\n",
        "[describe]\n# `list_books` (GET /books) has no summary and no description\nlistBooks = \"List books: GET /books\"\n",
        " tokens of the list\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let out = run(folder.path(), &["suggest", "--json", "--only", "unapproved-destroy"]);
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(json[0]["code"], "unapproved-destroy");
    assert_eq!(json[0]["saving"], 0);
    assert_eq!(json[0]["lines"][0]["line"], "removeBook = \"always\"");
    assert_eq!(json.as_array().unwrap().len(), 1);
}

#[test]
fn suggested_search_surface_states_the_tokens_that_it_saves() {
    let folder = folder();
    let mut document = DOCUMENT.to_owned();
    for at in 0..80 {
        document.push_str(&format!(
            "  /shelves{at}:\n    get: {{ operationId: listShelf{at}x, summary: List the books of shelf {at} in the branch, \
             responses: {{ '204': {{ description: Done. }} }} }}\n"
        ));
    }
    fs::write(folder.path().join("api.yaml"), document).unwrap();
    let out = run(folder.path(), &["suggest", "--json", "--profile", "small-context", "--only", "long-list"]);
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(json[0]["lines"][0]["line"], "surface = \"search\"");
    assert!(json[0]["saving"].as_i64().unwrap() > 1_000, "{json}");
}

#[test]
fn applied_suggestions_remove_their_findings_and_keep_the_rest_of_the_file() {
    let folder = folder();
    let before = findings(folder.path());
    assert_eq!(before, 2);
    let out = run(folder.path(), &["suggest", "--apply"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = fs::read_to_string(folder.path().join("connector.toml")).unwrap();
    assert_eq!(
        text,
        "document = \"api.yaml\"\nname = \"shop\" # the shop\n\n# The titles that people see.\n[describe]\nsetBook = \"Changes a book\"\n\
         # `list_books` (GET /books) has no summary and no description\nlistBooks = \"List books: GET /books\"\n\n[ask]\n\
         # `remove_book` destroys something, and its calls wait for approval only by default\nremoveBook = \"always\"\n"
    );
    assert_eq!(findings(folder.path()), 0);
    run(folder.path(), &["suggest", "--apply"]);
    assert_eq!(
        fs::read_to_string(folder.path().join("connector.toml")).unwrap(),
        text,
        "nothing is left to add"
    );
}

#[test]
fn suggest_with_apply_is_refused_for_a_document_without_connector_toml() {
    let folder = folder();
    let out = run(folder.path(), &["suggest", "api.yaml", "--apply"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("run `jackfield gen` first"));
    assert_eq!(fs::read_to_string(folder.path().join("api.yaml")).unwrap(), DOCUMENT);
}

#[test]
fn suggest_applies_command_line_options_to_its_savings_and_written_lines() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path().join("shop");
    fs::create_dir(&shop).unwrap();
    fs::write(folder.path().join("shelf.yaml"), "name: shelf\nin: query\nschema: { type: string }\n")
        .unwrap();
    let list = "get: { operationId: listBooks, parameters: [{ $ref: ../shelf.yaml }],";
    fs::write(shop.join("api.yaml"), DOCUMENT.replace("get: { operationId: listBooks,", list)).unwrap();
    fs::write(shop.join("connector.toml"), MANIFEST).unwrap();
    // An approval does not change the number of tokens. If the options were ignored, a different list would be compared.
    for options in [["--outside", "--wording=lean"], ["--outside", "--wording=full"]] {
        let words = [&["suggest", "--json", "--only", "unapproved-destroy"][..], &options].concat();
        let json: Value = serde_json::from_slice(&run(&shop, &words).stdout).unwrap();
        assert_eq!(json[0]["saving"], 0, "{options:?}: {json}");
    }
    let out = run(&shop, &["suggest", "--outside", "--apply"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(fs::read_to_string(shop.join("connector.toml")).unwrap().contains("removeBook = \"always\""));
}
