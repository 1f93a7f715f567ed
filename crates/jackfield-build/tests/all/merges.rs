//! `[merge]` in connector.toml: which merges are refused, and how other merges change the model and the lock.

use std::path::Path;

use jackfield_build::{Error, Job, LockChanges, Manifest, Modelled, model_of};

const GET: &str = "[merge.get_book]\noperations = ['getBook', 'findBook']\n";

fn modelled(choices: &str) -> Result<Modelled, Error> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/merges");
    let text = format!("document = \"shop.yaml\"\n{choices}");
    let manifest = Manifest::parse("connector.toml", &text, &folder)?;
    model_of(&Job::new(manifest))
}

fn error(choices: &str) -> String {
    match modelled(choices) {
        Ok(_) => panic!("{choices}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn impossible_merge_is_refused_with_a_remedy() {
    for (choices, problem, help) in [
        (
            "[merge.get_book]\noperations = ['getBok', 'findBook']",
            "`getBok` in [merge.get_book] matches no operation that becomes a tool",
            "did you mean `getBook`?",
        ),
        (
            "exclude = ['findBook']\n[merge.get_book]\noperations = ['getBook', 'findBook']",
            "`findBook` in [merge.get_book] matches no operation that becomes a tool",
            "the document has this operation, but `include`, `exclude` or a finding leaves it out",
        ),
        (
            "[merge.get_book]\noperations = ['getBook', 'GET /books/{bookId}']",
            "`GET /books/{bookId}` in [merge.get_book] is already merged earlier in the list",
            "remove it",
        ),
        (
            &format!("{GET}[merge.seek]\noperations = ['findBook', 'listOrders']"),
            "`findBook` in [merge.seek] is already merged in [merge.get_book]",
            "remove it",
        ),
        (
            "[merge.get_book]\noperations = ['GET /books/*', 'listOrders']",
            "`GET /books/*` in [merge.get_book] matches 2 operations",
            "write an entry for each operation",
        ),
        (
            "[merge.get_book]\noperations = ['getBook']",
            "`operations` of [merge.get_book] merges one operation only",
            "name at least two operations",
        ),
        ("[merge.get_book]\noperations = []", "merges nothing", "name at least two operations"),
        (
            "[merge.get_book]\noperation = ['a', 'b']",
            "there is no key `operation`",
            "did you mean `operations`?",
        ),
        ("[merge.'get book']\noperations = ['a', 'b']", "get book", "choose a name such as `get_book`"),
        (
            "[merge.list_orders]\noperations = ['getBook', 'findBook']",
            "[merge.list_orders] has the same name as the tool of GET /orders, but does not merge this operation",
            "rename that tool in [rename]: \"GET /orders\" = \"…\"",
        ),
        (
            "[merge.loans]\noperations = ['listOpenLoans', 'listOrders']",
            "[merge.loans]: the arguments of a call do not tell GET /loans/open and GET /orders apart",
            "operations = { list_open_loans = \"listOpenLoans\", list_orders = \"listOrders\" }",
        ),
        (
            "[merge.loans]\nargument = 'limit'\noperations = { a = 'listOpenLoans', b = 'listOrders' }",
            "[merge.loans]: GET /loans/open already has an argument `limit`",
            "argument = \"action\"",
        ),
        (
            "[merge.loans]\nargument = 'which'\noperations = ['listOpenLoans', 'listOrders']",
            "`argument` of [merge.loans] has no effect",
            "give each operation a value of this argument",
        ),
        (
            "[merge.loans]\noperations = { 'a b' = 'listOpenLoans', c = 'listOrders' }",
            "`a b` in `operations` of [merge.loans] cannot be the value of an argument",
            "such as `open`",
        ),
        (
            "[merge.books]\noperations = { add = 'addBook', find = 'findBook' }",
            "[merge.books]: the argument `title` has different schemas in POST /books and GET /books/by-title",
            "rename the argument in one operation: [arguments.\"GET /books/by-title\"] title = { rename = \"…\" }",
        ),
        (
            &format!("{GET}description = \"Gets a\\u200b book\""),
            "`description` of [merge.get_book] contains an invisible character",
            "remove the character",
        ),
        (
            &format!("{GET}[describe]\n'tool:get_book' = 'One book'\nseek = 'a'"),
            "`seek` in [describe] matches no tool",
            "correct the selector",
        ),
        (
            "[describe]\nfetch = 'One book'\n[merge.fetch]\noperations = ['getBook', 'findBook']",
            "`fetch` in [describe] matches no tool",
            "write `title` or `description` in [merge.fetch]",
        ),
        (
            &format!("[resources.findBook]\ntool = false\n{GET}"),
            "`find_book` is an operation of the merged tool `get_book`, so clients can call it",
            "remove `tool = false`",
        ),
        (
            &format!("promote = ['find_book']\n{GET}"),
            "`find_book` in promote is an operation of a merged tool, and has no tool of its own",
            "write the name of the merged tool: `get_book`",
        ),
    ] {
        let error = error(choices);
        assert!(error.contains(problem), "{choices}\n{error}\nis not\n{problem}");
        assert!(error.contains(help), "{choices}\n{error}\nis not\n{help}");
    }
}

#[test]
fn renamed_argument_makes_a_merge_possible() {
    let remedy = "[arguments.\"GET /books/by-title\"]\ntitle = { rename = \"wanted\" }\n";
    let merge = "[merge.books]\noperations = { add = 'addBook', find = 'findBook' }\n";
    let modelled = modelled(&format!("{merge}{remedy}")).unwrap_or_else(|error| panic!("{error}"));
    let [merge] = modelled.connector.merges.as_slice() else { panic!("one merge") };
    let names: Vec<&str> = merge.args.iter().map(|arg| arg.name.as_str()).collect();
    assert_eq!(names, ["operation", "title", "pages", "wanted", "shelf"]);
    let required: Vec<bool> = merge.args.iter().map(|arg| arg.required).collect();
    assert_eq!(required, [true, false, false, false, false]);
}

#[test]
fn name_of_a_merged_tool_selects_all_of_its_operations() {
    let choices =
        format!("promote = ['get_book']\n{GET}[ask]\nget_book = 'always'\n[rate.'get_*']\ncalls = '5/min'");
    let modelled = modelled(&choices).unwrap_or_else(|error| panic!("{error}"));
    let connector = &modelled.connector;
    let asked: Vec<String> = connector
        .operations()
        .filter(|operation| operation.ask.to_string() == "always")
        .map(|operation| operation.route())
        .collect();
    assert_eq!(asked, ["GET /books/by-title", "GET /books/{bookId}"]);
    let limited: Vec<&str> = connector.rates[0].tools.iter().map(|tool| tool.as_str()).collect();
    assert_eq!(limited, ["find_book", "get_book"]);
    assert_eq!(connector.promoted.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["get_book"]);
}

#[test]
fn merge_adds_a_line_to_the_lock() {
    let lock = |choices: &str| modelled(choices).unwrap_or_else(|error| panic!("{error}")).lock_text();
    let (before, merged) = (lock(""), lock(GET));
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("merge ")).map(str::to_owned).collect()
    };
    assert!(lines(&before).is_empty());
    let line = lines(&merged).join("\n");
    assert!(line.starts_with("merge get_book read ") && line.ends_with(" find_book get_book"), "{line}");
    let changes = |old: &str, new: &str| LockChanges::between(old, new).to_string();
    // The lines of the operations change too, because clients now call the operations through the merged tool.
    let of_operations = |text: &str| text.matches("\nchanged tool ").count();
    let (added, removed) = (changes(&before, &merged), changes(&merged, &before));
    assert!(added.starts_with("added merged tool get_book (read): find_book get_book\n"), "{added}");
    assert!(removed.starts_with("removed merged tool get_book (read): find_book get_book\n"), "{removed}");
    assert_eq!([of_operations(&added), of_operations(&removed)], [2, 2], "{added}\n{removed}");
    let worded = lock(&format!("{GET}description = 'One book'\n"));
    assert_eq!(changes(&merged, &worded), "changed merged tool get_book (read): find_book get_book");
    let named = lock("[merge.loans]\noperations = { open = 'listOpenLoans', orders = 'listOrders' }");
    assert!(lines(&named)[0].ends_with(" list_open_loans=open list_orders=orders"), "{named}");
}

#[test]
fn rule_for_an_operation_overrides_the_rule_for_its_merged_tool() {
    for (table, key, rule, general) in [
        ("rate", "find_book", "calls = '1/min'", "calls = '5/min'"),
        ("rate", "findBook", "calls = '1/min'", "calls = '5/min'"),
        ("rate", "'GET /books/by-title'", "calls = '1/min'", "calls = '5/min'"),
    ] {
        let choices = format!("{GET}[{table}.get_book]\n{general}\n[{table}.{key}]\n{rule}\n");
        let connector = modelled(&choices).unwrap_or_else(|error| panic!("{error}")).connector;
        let rates: Vec<(String, Vec<String>)> = connector
            .rates
            .iter()
            .map(|rate| {
                (rate.calls.unwrap().to_string(), rate.tools.iter().map(ToString::to_string).collect())
            })
            .collect();
        let one = ("1 call per minute".to_owned(), vec!["find_book".to_owned()]);
        let other = ("5 calls per minute".to_owned(), vec!["get_book".to_owned()]);
        assert!(rates.contains(&one) && rates.contains(&other), "{key}: {rates:?}");
    }
    // The merged tool has the name of one of its operations, and the name means both.
    let asked = modelled(&format!("{GET}[ask]\nget_book = 'always'\n")).unwrap().connector;
    let asked: Vec<&str> = asked
        .operations()
        .filter(|operation| operation.ask.as_str() == "always")
        .map(|operation| operation.path.as_str())
        .collect();
    assert_eq!(asked, ["/books/by-title", "/books/{bookId}"]);
}

#[test]
fn error_about_a_mistyped_tool_name_suggests_the_merged_tool() {
    let merge = "[merge.retire_book]\noperations = { store = 'storeBook', burn = 'burnBook' }\n";
    let said = error(&format!("{merge}[prompts.x]\ntext = 'Use {{tool:retire_bok}}.'\n"));
    assert!(said.contains("did you mean `retire_book`?"), "{said}");
    // An error does not suggest the selector that caused it.
    let said = error(&format!("include = ['tag:loans']\n{merge}[ask]\nretire_book = 'always'\n"));
    assert!(!said.contains("did you mean `retire_book`?"), "{said}");
}
