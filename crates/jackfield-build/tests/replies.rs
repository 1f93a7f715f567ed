//! `[replies]`: rules for the replies of tools.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod generating;

use generating::{connector_row, generated};
use jackfield_build::Error;

const DOCUMENT: &str = "\
openapi: 3.0.3
info: { title: Shop, version: '1' }
servers: [{ url: 'https://api.example.com' }]
paths:
  /books:
    get: { operationId: listBooks, responses: { '200': { description: They. } } }
    post: { operationId: createBook, responses: { '200': { description: It. } } }
";

fn generate(choices: &str) -> Result<String, Error> {
    Ok(connector_row(&generated(DOCUMENT, choices)?))
}

/// The texts of the generated files.
fn files(document: &str, choices: &str) -> Result<Vec<String>, Error> {
    Ok(generated(document, choices)?.files.iter().map(|(_, file)| file.text.clone()).collect())
}

#[test]
fn rules_become_rows() {
    assert!(!generate("").unwrap().contains("ReplyRow"));
    let row = generate(
        "
        [replies.'*']
        redact = ['$..email']
        [replies.list_books]
        keep = ['items[].id', 'total']
        drop = ['items.owner[\"the name\"]', '$..debug']
        items = 20
        bytes = 5000
    ",
    );
    // `drop` has a path that `keep` does not keep.
    assert!(row.unwrap_err().to_string().contains("`items.owner[\"the name\"]` in `drop`"));
    let row = generate(
        "
        [replies.'*']
        redact = ['$..email']
        [replies.list_books]
        keep = ['items[].id', 'items.owner', 'total']
        drop = ['items.owner[\"the name\"]', '$..debug']
        items = 20
        bytes = 5000
    ",
    )
    .unwrap();
    let row: String = row.split_whitespace().collect();
    for part in [
        r#"ReplyRow::all().redact(&["$..email"])"#,
        r#"ReplyRow::of("list_books").keep(&["items[].id","items.owner","total"])"#,
        r#"$..debug"]).items(20).bytes(5000)"#,
    ] {
        assert!(row.contains(part), "{part}\n{row}");
    }
}

#[test]
fn pages_are_joined_only_for_tools_that_have_them() {
    let document = DOCUMENT.replace(
        "operationId: listBooks,",
        "operationId: listBooks, parameters: [{ name: offset, in: query, schema: { type: integer } }],",
    );
    let files = files(&document, "[replies.list_books]\nall_pages = 10").unwrap().concat();
    assert!(files.contains("ReplyRow::of(\"list_books\").all_pages(10)"), "{files}");
    assert!(files.contains(".paging(Paging::offset(\"offset\"))"), "{files}");
    for (choices, problem, remedy) in [
        ("[replies.create_book]\nall_pages = 10", "no pages of this tool are recognised", "remove it"),
        ("[replies.'*']\nall_pages = 10", "would be for every tool", "write it in the table of a tool"),
        (
            "[replies.list_books]\nall_pages = 1",
            "`all_pages` in [replies.list_books] cannot be 1",
            "from 2 to 100",
        ),
    ] {
        let text = self::files(&document, choices).unwrap_err().to_string();
        assert!(text.contains(problem) && text.contains(remedy), "{text}");
    }
}

#[test]
fn argument_for_fields_avoids_the_names_of_other_arguments() {
    let document = DOCUMENT.replace(
        "get: { operationId: listBooks,",
        "get: { operationId: listBooks, parameters: [{ name: fields, in: query, schema: { type: string } }],",
    );
    let files = files(&document, "[replies.'*']\nfields = true").unwrap();
    let all: String = files.concat();
    assert!(all.contains(".fields(\"reply_fields\")") && all.contains(".fields(\"fields\")"), "{all}");
    assert!(all.contains("Parts of the reply to return"), "{all}");
    assert!(!files.iter().any(|file| file.contains("ReplyRow")));
    let own = self::files(&document, "[replies.'*']\nfields = true\n[replies.list_books]\nfields = false")
        .unwrap()
        .concat();
    assert!(!own.contains("reply_fields") && own.contains(".fields(\"fields\")"), "{own}");
}

#[test]
fn filter_needs_the_feature_of_the_runtime() {
    let files = files(DOCUMENT, "output_schemas = true\n[replies.list_books]\njq = '.items[] | {id}'")
        .unwrap()
        .concat();
    assert!(
        files.contains("v1::feature_jq_is_missing__add_it_to_jackfield_runtime_in_Cargo_toml"),
        "{files}"
    );
    assert!(files.contains(".jq(\".items[] | {id}\")"), "{files}");
}

#[test]
fn invalid_rule_names_its_place_and_remedy() {
    jackfield_build::check_jq_with(
        |program| if program.ends_with('|') { Err("bad".to_owned()) } else { Ok(()) },
    );
    for (rule, problem, remedy) in [
        (
            "[replies.list_bocks]\nitems = 1",
            "`list_bocks` in [replies] matches no tool",
            "did you mean `list_books`?",
        ),
        (
            "[replies.list_books]",
            "[replies.list_books] changes nothing",
            "add `redact = [\"$.customer.email\"]`",
        ),
        ("[replies.'*']\nbytes = 100000", "changes nothing: 100000 is the default", "choose another number"),
        ("[replies.'*']\nredact = []", "`redact` in [replies.\"*\"] is empty", "add a path, or remove it"),
        ("[replies.'*']\nredact = ['$.a[0]']", "`$.a[0]` is not a path", "as in `$.customer.email`"),
        (
            "[replies.'*']\nredact = ['$.a.b', 'a']",
            "`$.a.b` in `redact` of [replies.\"*\"] changes nothing: `a` includes it",
            "remove it",
        ),
        (
            "[replies.'*']\nkeep = ['a.b']\ndrop = ['a']",
            "`a.b` in `keep` of [replies.\"*\"] keeps nothing",
            "remove one",
        ),
        (
            "[replies.'*']\nkeep = ['a.b']\ndrop = ['a.c']",
            "`a.c` in `drop` of [replies.\"*\"] changes nothing",
            "remove it",
        ),
        ("[replies.'*']\nitems = 0", "`items` in [replies.\"*\"] cannot be 0", "from 1 to 1000000"),
        ("[replies.'*']\nbytes = 999", "cannot be 999", "from 1000 to 10000000"),
        ("[replies.'*']\nitem = 3", "there is no key `item`", "did you mean `items`?"),
    ] {
        let error = generate(rule).unwrap_err().to_string();
        assert!(error.contains(problem) && error.contains(remedy), "{rule}\n{error}");
        assert!(error.contains("connector.toml:"), "{error}");
    }
}
