//! `[rate]`: the tools to which the limits of connector.toml apply.

use crate::generating::{connector_row, generated, shop_document};
use jackfield_build::Error;
use jackfield_build::model::{Connector, RateLimit};

const DOCUMENT: &str = shop_document!(
    "\
paths:
  /books:
    get: { operationId: listBooks, tags: [books, public], responses: { '204': { description: Done. } } }
    post: { operationId: createBook, tags: [books], responses: { '204': { description: Done. } } }
  /orders:
    get: { operationId: listOrders, responses: { '204': { description: Done. } } }
"
);

fn generate(choices: &str) -> Result<(Connector, String), Error> {
    let generated = generated(DOCUMENT, choices)?;
    let row = connector_row(&generated);
    Ok((generated.connector, row))
}

fn limits(choices: &str) -> Vec<(String, Vec<String>, String)> {
    let shown = |limit: &RateLimit| {
        let calls = limit.calls.map(|rate| rate.to_string());
        let tools = limit.tools.iter().map(|tool| tool.as_str().to_owned()).collect();
        (
            limit.key.clone(),
            tools,
            format!("{} {:?} {:?}", calls.unwrap_or_default(), limit.concurrent, limit.queue),
        )
    };
    generate(choices).unwrap().0.rates.iter().map(shown).collect()
}

fn problem(choices: &str) -> String {
    generate(choices).unwrap_err().to_string()
}

#[test]
fn rate_limit_applies_to_the_tools_that_its_key_selects() {
    assert_eq!(limits(""), []);
    let choices = "
        [rate]
        calls = '60/min'
        concurrent = 8
        queue = 0
        [rate.create_book]
        calls = '5/hour'
        [rate.'tag:books']
        concurrent = 2
        [rate.'GET /orders']
        calls = '1/s'
    ";
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        limits(choices),
        [
            (String::new(), Vec::new(), "60 calls per minute Some(8) Some(0)".to_owned()),
            ("create_book".to_owned(), own(&["create_book"]), "5 calls per hour None None".to_owned()),
            ("GET /orders".to_owned(), own(&["list_orders"]), "1 call per second None None".to_owned()),
            ("tag:books".to_owned(), own(&["list_books"]), " Some(2) None".to_owned()),
        ]
    );
    let row = generate(choices).unwrap().1;
    for line in [
        "RateLimit::all().calls(60, 60).concurrent(8).queue(0)",
        "RateLimit::of(\"create_book\", &[\"create_book\"]).calls(5, 3600)",
        "RateLimit::of(\"tag:books\", &[\"list_books\"]).concurrent(2)",
    ] {
        assert!(row.contains(line), "{row}");
    }
    // A selector matches every tag of an operation, not only the first tag.
    assert_eq!(limits("[rate.'tag:public']\ncalls = '1/s'")[0].1, ["list_books"]);
}

#[test]
fn error_about_an_invalid_rate_limit_names_the_place_and_the_remedy() {
    for (choices, expected) in [
        (
            "[rate]\ncall = '60/min'",
            &["connector.toml:3:1", "there is no key `call` in [rate]", "did you mean `calls`?"][..],
        ),
        ("[rate]\ncalls = 60", &["connector.toml:3:9", "`calls` in [rate] is not a string", "60/min"]),
        ("[rate]\ncalls = '60'", &["\"60\" is not a rate", "60/min"]),
        ("[rate]\nconcurrent = 0", &["`concurrent` in [rate] cannot be 0", "from 1 to"]),
        ("[rate]\nconcurrent = 'x'", &["`concurrent` in [rate] is not an integer"]),
        (
            "[rate]\nqueue = 5",
            &["`queue` in [rate] has no effect without `concurrent`", "connector.toml:3:1"],
        ),
        ("[rate.list_books]", &["[rate.list_books] limits nothing"]),
        ("[rate.list_books]\nrate = '1/s'", &["there is no key `rate` in [rate]", "a table for a tool"]),
        (
            "[rate.list_book]\ncalls = '1/s'",
            &["connector.toml:2:7", "`list_book` in [rate] matches no tool", "did you mean `list_books`?"],
        ),
        ("[rate.'tag:nothing']\ncalls = '1/s'", &["`tag:nothing` in [rate] matches no tool"]),
        (
            "[rate.'tag:books']\ncalls = '1/s'\n[rate.'tag:public']\ncalls = '2/s'",
            &[
                "both match the tool `list_books`",
                "add [rate.list_books]: a key with the name of the tool takes precedence",
            ],
        ),
    ] {
        let problem = problem(choices);
        for part in expected {
            assert!(problem.contains(part), "{part}\nis not in\n{problem}");
        }
    }
}
