//! `[merge]`: one tool for several operations, through the preview and a compiled connector.

use std::path::Path;

use jackfield_build::{Job, Manifest, model_of};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{
    Api, CallContext, Caller, Channel, Environment, Outcome, OutcomeCode, Policies, Service, SourceRequest,
    SurfaceKind, listing,
};
use jackfield_testkit::{Answer, Upstream};
use jackfield_tests::merged_shop;
use serde_json::{Value, json};

use crate::protocol::lines_of;
use crate::recorder::{Recorder, Step, event};

fn preview() -> ConnectorRows {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("merges/connector.toml");
    let modelled =
        model_of(&Job::new(Manifest::read(&path).unwrap())).unwrap_or_else(|error| panic!("{error}"));
    jackfield_cli::preview::connector(modelled)
}

pub(crate) fn both() -> [ConnectorRows; 2] {
    [(&merged_shop::CONNECTOR).into(), preview()]
}

fn variables(upstream: &Upstream) -> [(&'static str, String); 2] {
    [("MERGED_SHOP_BASE_URL", upstream.base_url()), ("MERGED_SHOP_TOKEN", "canary".to_owned())]
}

pub(crate) fn books() -> Answer {
    Answer::json(200, &json!({ "title": "Emma", "secret": "in the cellar" }))
}

/// Calls a tool through the preview and through the compiled connector, and checks that both behave in the same way. Returns the text of
/// the result, and the heads of the requests that the service received.
async fn call(tool: &str, arguments: &Value) -> (String, Vec<String>) {
    let upstream = Upstream::answering(books()).await.unwrap();
    let mut outcomes = Vec::new();
    for rows in both() {
        let service =
            Service::new(Api::new(rows, Environment::of(variables(&upstream))), Vec::new()).unwrap();
        let params = json!({ "name": tool, "arguments": arguments });
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let result = json!(lines_of(service, &[request]).await).to_string();
        let sent = upstream.take().into_iter();
        let sent: Vec<String> = sent.map(|request| String::from_utf8(request.head).unwrap()).collect();
        outcomes.push((result, sent));
    }
    assert_eq!(outcomes[0], outcomes[1], "{tool} {arguments}");
    outcomes.swap_remove(0)
}

#[test]
fn merged_tools_are_equal_in_preview_and_compiled_code() {
    assert_eq!(&merged_shop::CONNECTOR, preview().get());
    let lists = both().map(|rows| {
        let service =
            Service::new(Api::new(rows, Environment::of::<String, String>([])), Vec::new()).unwrap();
        listing(&service).collect::<Vec<_>>()
    });
    assert_eq!(lists[0], lists[1]);
    let tools: Vec<Value> = lists[0].iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["save_book", "get_book", "retire_book", "list_loans", "list_orders"]);
    for tool in &tools {
        let schema = tool["inputSchema"].as_object().unwrap();
        assert_eq!(schema["type"], "object", "{tool}");
        assert!(!["oneOf", "anyOf", "allOf"].iter().any(|key| schema.contains_key(*key)), "{tool}");
    }
    let of = |name: &str| &tools[names.iter().position(|known| *known == name).unwrap()];
    let [read, destroy] = ["readOnlyHint", "destructiveHint"];
    assert_eq!(of("get_book")["annotations"][read], true);
    assert_eq!(of("retire_book")["annotations"][destroy], true);
    assert_eq!(of("save_book")["annotations"][read], false);
    assert_eq!(of("save_book")["title"], "Save a book");
    assert_eq!(of("save_book")["inputSchema"].get("required"), None);
    assert_eq!(of("list_loans")["inputSchema"]["required"], json!(["state"]));
    assert_eq!(of("list_loans")["inputSchema"]["properties"]["state"]["enum"], json!(["open", "returned"]));
    assert_eq!(of("retire_book")["inputSchema"]["required"], json!(["operation", "bookId"]));
    let text = |name: &str| of(name)["description"].as_str().unwrap().to_owned();
    assert_eq!(
        text("save_book"),
        "Adds a book to the catalogue, or changes one.\n\nCalls one of these operations, by the arguments that are given:\n\
         - `title`: Add a book (/books)\n- `bookId`, optional `title`: Change a book by bookId"
    );
    assert_eq!(
        text("list_orders"),
        "Calls one of these operations, by the arguments that are given:\n- none of these, optional `state`: List all \
         orders\n- `customerId`: List the orders of a customer"
    );
    assert_eq!(
        text("list_loans"),
        "Calls one of these operations:\n- `state` = `open`, with optional `page`: List the loans that are open\n- `state` = `returned`, with \
         `since`: List the loans that were returned"
    );
    let pages = &of("save_book")["inputSchema"]["properties"]["pages"]["description"];
    assert_eq!(pages, "Number of pages / New number of pages");
}

#[tokio::test]
async fn arguments_select_the_operation_of_a_merged_tool() {
    for (tool, arguments, line) in [
        ("get_book", json!({ "bookId": "7" }), "GET /books/7"),
        ("get_book", json!({ "title": "Emma" }), "GET /books/by-title?title=Emma"),
        (
            "get_book",
            json!({ "title": "Emma", "shelf": "A", "bookId": null }),
            "GET /books/by-title?title=Emma&shelf=A",
        ),
        ("save_book", json!({ "title": "Emma" }), "POST /books"),
        ("save_book", json!({ "title": "Emma", "bookId": "7" }), "PATCH /books/7"),
        ("save_book", json!({ "pages": 3, "bookId": "7" }), "PATCH /books/7"),
        ("list_orders", json!({}), "GET /orders"),
        ("list_orders", json!({ "page": 2 }), "GET /orders?page=2"),
        ("list_orders", json!({ "page": 2, "customerId": "c" }), "GET /customers/c/orders?page=2"),
        ("list_loans", json!({ "state": "open", "limit": 3 }), "GET /loans/open?limit=3"),
        ("list_loans", json!({ "state": "open", "since": null }), "GET /loans/open"),
        (
            "list_loans",
            json!({ "state": "returned", "since": "2026-01-01" }),
            "GET /loans/returned?since=2026-01-01",
        ),
        ("retire_book", json!({ "operation": "burn", "bookId": "7" }), "DELETE /books/7"),
        ("retire_book", json!({ "operation": "store", "bookId": "7" }), "POST /books/7/archive"),
    ] {
        let (result, sent) = call(tool, &arguments).await;
        assert_eq!(sent.len(), 1, "{tool} {arguments}: {result}");
        assert_eq!(sent[0].lines().next(), Some(format!("{line} HTTP/1.1").as_str()), "{tool} {arguments}");
        // Only the operation that requires the token sends it.
        let has_token = sent[0].to_lowercase().contains("authorization: bearer canary");
        assert_eq!(has_token, line.contains("by-title"), "{}", sent[0]);
    }
}

#[tokio::test]
async fn error_for_arguments_that_select_no_operation_names_selecting_arguments() {
    let ways = "- `title`, optional `shelf` (find_book)";
    for (tool, arguments, expected) in [
        ("get_book", json!({}), ways),
        ("get_book", json!({ "bookId": "7", "title": "Emma" }), "selected by `bookId`, `title`"),
        ("get_book", json!({ "shelf": "A" }), ways),
        ("get_book", json!({ "bookId": "7", "titel": "Emma" }), "titel"),
        ("save_book", json!({ "pages": 3 }), "selected by `pages`"),
        ("save_book", json!({ "title": "a title that is too long" }), "of `save_book` do not fit"),
        (
            "list_orders",
            json!({ "state": "open", "customerId": "c" }),
            "none of these, optional `state` (list_orders)",
        ),
        (
            "list_loans",
            json!({ "limit": 3 }),
            "`list_loans` needs the argument `state`: use one of `open`, `returned`",
        ),
        ("list_loans", json!({ "state": "opened" }), "Did you mean `open`?"),
        ("list_loans", json!({ "state": ["open"] }), "cannot be"),
        ("list_loans", json!({ "state": "open", "since": "2026-01-01" }), "since"),
        ("list_loans", json!({ "state": "returned" }), "since"),
        ("retire_book", json!({ "bookId": "7" }), "needs the argument `operation`"),
        // The operations have no tools of their own.
        ("find_book", json!({ "title": "Emma" }), "there is no tool `find_book`"),
        ("burn_book", json!({ "bookId": "7" }), "there is no tool `burn_book`"),
    ] {
        let (result, sent) = call(tool, &arguments).await;
        assert!(sent.is_empty(), "{tool} {arguments}: {sent:?}");
        assert!(result.contains(expected), "{tool} {arguments}: {result}");
    }
}

#[tokio::test]
async fn reply_rules_of_a_merged_tool_apply_to_each_of_its_operations() {
    let (by_id, _) = call("get_book", &json!({ "bookId": "7" })).await;
    let (by_title, _) = call("get_book", &json!({ "title": "Emma" })).await;
    // The table `[replies.get_book]` names the merged tool, so it applies to both operations.
    for result in [by_id, by_title] {
        assert!(result.contains("Emma") && !result.contains("cellar"), "{result}");
    }
    assert!(call("save_book", &json!({ "title": "Emma" })).await.0.contains("cellar"));
}

#[tokio::test]
async fn next_page_note_names_the_merged_tool() {
    let upstream = Upstream::answering(Answer::json(200, &json!([{ "id": 1 }]))).await.unwrap();
    for rows in both() {
        let service =
            Service::new(Api::new(rows, Environment::of(variables(&upstream))), Vec::new()).unwrap();
        let arguments = json!({ "state": "open", "page": 1 }).as_object().cloned().unwrap();
        let caller = Caller::local(Channel::CommandLine);
        let result = service.call("list_loans", arguments, &caller).await.unwrap();
        let notes: Vec<String> = result.notes().map(ToString::to_string).collect();
        let next = r#"{"name":"list_loans","arguments":{"page":2,"state":"open"}}"#;
        let told = format!("{} {}", result.as_text(), notes.join(" "));
        assert!(told.contains(next), "{told}");
    }
}

/// Returns a question or a record in words.
fn line(step: Step) -> String {
    match step {
        Step::Asked { name, effect, ask } => format!("{name} {} asks {ask}", effect.as_str()),
        Step::Approved { name, .. } => format!("{name} approved"),
        Step::Recorded(record) => {
            let effect = record.effect.map_or("unknown", |effect| effect.as_str());
            let operation = record.operation.as_deref().unwrap_or("-");
            format!("{} {} {operation} {effect}", event(&record), record.name)
        }
    }
}

/// Calls with policies, and returns the outcome and what the policies recorded.
async fn policed(
    rows: ConnectorRows,
    hidden: &'static [&'static str],
    tool: &str,
    arguments: Value,
) -> (Outcome, Vec<String>) {
    let upstream = Upstream::answering(books()).await.unwrap();
    let recorder = Recorder::new(hidden, |_| false);
    let api = Api::new(rows, Environment::of(variables(&upstream))).with_policies(recorder.policies());
    let service = Service::new(api, Vec::new()).unwrap();
    let arguments = arguments.as_object().cloned().unwrap();
    let request = SourceRequest::CallTool { name: tool.to_owned(), arguments };
    let context = CallContext::new(Caller::local(Channel::CommandLine));
    let outcome = service.run(request, &context).await;
    (outcome, recorder.take().into_iter().map(line).collect())
}

#[tokio::test]
async fn permission_approval_and_audit_record_belong_to_the_selected_operation() {
    for rows in both() {
        let arguments = json!({ "operation": "burn", "bookId": "7" });
        let (outcome, steps) = policed(rows.clone(), &[], "retire_book", arguments).await;
        assert_eq!(outcome.code, OutcomeCode::Done);
        assert_eq!(
            steps,
            [
                "burn_book destroy asks always",
                "intent retire_book burn_book destroy",
                "ended done retire_book burn_book destroy"
            ]
        );
        let arguments = json!({ "operation": "store", "bookId": "7" });
        let (_, steps) = policed(rows.clone(), &["burn_book"], "retire_book", arguments).await;
        assert_eq!(
            steps,
            [
                "store_book write asks never",
                "intent retire_book store_book write",
                "ended done retire_book store_book write"
            ]
        );
        // Permission to call one operation does not include the other operation.
        let arguments = json!({ "operation": "burn", "bookId": "7" });
        let (outcome, steps) = policed(rows.clone(), &["burn_book"], "retire_book", arguments.clone()).await;
        assert_eq!(outcome.code, OutcomeCode::NotPermitted);
        let error = outcome.result.unwrap_err().to_string();
        assert!(error.contains("`retire_book` calls the operation burn_book"), "{error}");
        assert_eq!(steps, ["refused not_permitted retire_book burn_book destroy"]);
        // If a caller may call none of the operations of a merged tool, the tool does not exist for the caller, whatever the arguments are.
        for arguments in [arguments, json!({})] {
            let (outcome, _) =
                policed(rows.clone(), &["burn_book", "store_book"], "retire_book", arguments).await;
            assert_eq!(outcome.code, OutcomeCode::NotPermitted);
            let error = outcome.result.unwrap_err().to_string();
            assert!(error.starts_with("there is no tool `retire_book`"), "{error}");
        }
        // A call that selects no operation is recorded with the strongest effect.
        let (outcome, steps) = policed(rows, &[], "retire_book", json!({ "bookId": "7" })).await;
        assert_eq!(outcome.code, OutcomeCode::InvalidArguments);
        assert_eq!(steps, ["refused invalid_arguments retire_book - destroy"]);
    }
}

#[tokio::test]
async fn merged_tool_is_listed_if_one_operation_is_permitted() {
    for (hidden, is_listed) in
        [(&["burn_book"][..], true), (&["burn_book", "store_book"], false), (&["retire_book"], true)]
    {
        for kind in [SurfaceKind::Each, SurfaceKind::Search] {
            let recorder = Recorder::new(hidden, |_| false);
            let api = Api::new(preview(), Environment::of::<String, String>([]))
                .with_policies(Policies::none().permit(recorder));
            let service = Service::new(api, Vec::new()).unwrap().with_surface(kind, None);
            let caller = Caller::local(Channel::CommandLine);
            let text = match kind {
                SurfaceKind::Each => {
                    service.list(&caller).map(|tool| tool.name).collect::<Vec<_>>().join(" ")
                }
                _ => {
                    let query = json!({ "query": "retire book" }).as_object().cloned().unwrap();
                    service.call("search_tools", query, &caller).await.unwrap().as_text().to_owned()
                }
            };
            assert_eq!(text.contains("retire_book"), is_listed, "{kind} {hidden:?}: {text}");
            assert!(!text.contains("burn_book"), "{text}");
        }
    }
}

#[tokio::test]
async fn merged_tool_is_called_through_the_search_tool_of_its_strongest_effect() {
    let upstream = Upstream::answering(books()).await.unwrap();
    let api = Api::new(&merged_shop::CONNECTOR, Environment::of(variables(&upstream)));
    let service = Service::new(api, Vec::new()).unwrap().with_surface(SurfaceKind::Search, None);
    let caller = Caller::local(Channel::CommandLine);
    let query = json!({ "query": "book by title" }).as_object().cloned().unwrap();
    let hits = service.call("search_tools", query, &caller).await.unwrap().as_text().to_owned();
    assert!(hits.contains("Find a book by its title; Look at one book"), "{hits}");
    for (through, tool, arguments, sent) in [
        ("call_read", "get_book", json!({ "title": "Emma" }), 1),
        ("call_read", "save_book", json!({ "title": "Emma" }), 0),
        ("call_write", "save_book", json!({ "title": "Emma" }), 1),
        ("call_write", "add_book", json!({ "title": "Emma" }), 0),
    ] {
        let call = json!({ "name": tool, "arguments": arguments }).as_object().cloned().unwrap();
        let result = service.call(through, call, &caller).await.unwrap();
        assert_eq!(upstream.take().len(), sent, "{through} {tool}: {}", result.as_text());
    }
}
