//! Several connectors behind one endpoint.

use std::sync::Arc;

use jackfield_runtime::v1::Connector;
use jackfield_runtime::{
    Api, Ask, AttachError, AttachedName, CallContext, Caller, Channel, Environment, OutcomeCode, Policies,
    Service, SourceRequest, SurfaceKind,
};
use jackfield_testkit::{Answer, Upstream};
use jackfield_tests::{content_shop, merged_shop};
use serde_json::{Map, Value, json};

use crate::recorder::{Recorder, Step, event};
use crate::wire::Wire;

static ENDPOINT: Connector = Connector::new("endpoint");

fn recorder(hidden: &'static str) -> Arc<Recorder> {
    Recorder::new(&[hidden], |ask| ask == Ask::Always)
}

/// Returns a step with the names that the policies got.
fn line(step: Step) -> String {
    match step {
        Step::Asked { name, ask, .. } => format!("{name} asks {ask}"),
        Step::Approved { name, request, .. } => format!("{name} approved: {}", request.unwrap_or_default()),
        Step::Recorded(record) => {
            let operation = record.operation.as_deref().unwrap_or("-");
            format!("{} {} {} {operation}", record.call, event(&record), record.name)
        }
    }
}

fn named(name: &str) -> AttachedName {
    AttachedName::parse(name).unwrap()
}

fn variables(upstream: &str) -> Environment {
    Environment::of([
        ("MERGED_SHOP_BASE_URL", upstream.to_owned()),
        ("MERGED_SHOP_TOKEN", "canary".to_owned()),
        ("CONTENT_SHOP_BASE_URL", upstream.to_owned()),
    ])
}

/// Returns an endpoint with two connectors.
fn endpoint(upstream: &str, policies: Policies) -> Service {
    let environment = variables(upstream);
    let api = Api::new(&ENDPOINT, environment.clone()).with_policies(policies);
    let service = Service::new(api, Vec::new()).unwrap();
    let service =
        service.attach(named("books"), Api::new(&merged_shop::CONNECTOR, environment.clone()), Vec::new());
    let contents = Api::new(&content_shop::CONNECTOR, environment);
    service.unwrap().attach(named("my-shop"), contents, Vec::new()).unwrap()
}

fn local() -> Caller {
    Caller::local(Channel::CommandLine)
}

fn names(service: &Service) -> Vec<String> {
    service.list(&local()).map(|tool| tool.name).collect()
}

fn arguments(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

#[test]
fn tools_prompts_and_resources_are_listed_with_their_connector_as_prefix() {
    let service = endpoint("http://127.0.0.1:9", Policies::none());
    let tools = names(&service);
    assert_eq!(tools.iter().filter(|name| name.starts_with("books_")).count(), 5, "{tools:?}");
    assert!(tools.contains(&"books_get_book".to_owned()) && tools.contains(&"my_shop_get_book".to_owned()));
    let uris: Vec<String> = service.resources(&local()).into_iter().map(|it| it.uri).collect();
    assert!(uris.contains(&"my-shop+content-shop://docs/overview".to_owned()), "{uris:?}");
    assert!(uris.contains(&"my-shop+content-shop://api/books/{book_id}".to_owned()), "{uris:?}");
    let prompts: Vec<String> = service.prompts(&local()).into_iter().map(|it| it.name).collect();
    assert_eq!(prompts, ["books_retire", "my_shop_check_order", "my_shop_find_gift"]);
}

#[tokio::test]
async fn policies_get_the_prefixed_tool_names_that_clients_see() {
    let upstream = Upstream::answering(Answer::json(200, &json!({ "title": "Emma" }))).await.unwrap();
    let recorder = recorder("my_shop_get_book");
    let service = endpoint(&upstream.base_url(), recorder.policies());
    assert!(!names(&service).contains(&"my_shop_get_book".to_owned()));
    let run = async |name: &str, given: Value| {
        let request = SourceRequest::CallTool { name: name.to_owned(), arguments: arguments(&given) };
        service.run(request, &CallContext::new(local())).await
    };
    let hidden = run("my_shop_get_book", json!({ "book_id": "7" })).await;
    assert_eq!(hidden.code, OutcomeCode::NotPermitted);
    assert!(hidden.result.unwrap_err().to_string().starts_with("there is no tool `my_shop_get_book`"));
    let burnt = run("books_retire_book", json!({ "operation": "burn", "bookId": "7" })).await;
    assert_eq!(burnt.code, OutcomeCode::Done);
    let unknown = run("books_get_bok", json!({})).await;
    let error = unknown.result.unwrap_err().to_string();
    assert_eq!(error, "there is no tool `books_get_bok`; did you mean `books_get_book`?");
    let steps: Vec<String> = recorder.take().into_iter().map(line).collect();
    assert_eq!(
        steps,
        [
            "0 refused not_permitted my_shop_get_book -",
            "books_burn_book asks always",
            "books_burn_book approved: DELETE /books/{bookId}",
            "1 intent books_retire_book books_burn_book",
            "1 ended done books_retire_book books_burn_book",
            "2 refused unknown books_get_bok -",
        ]
    );
    let sent = upstream.take();
    assert_eq!(sent.len(), 1, "{sent:?}");
}

#[tokio::test]
async fn prompts_documentation_and_next_page_notes_use_the_prefixed_tool_names() {
    let upstream = Upstream::answering(Answer::json(200, &json!([{ "id": 1 }]))).await.unwrap();
    let service = endpoint(&upstream.base_url(), Policies::none());
    let mut wire = Wire::open(service.clone());
    let params = json!({ "name": "my_shop_find_gift", "arguments": { "person": "Ada" } });
    let got = wire.modern("1", "prompts/get", params).await;
    let text = got["result"]["messages"][0]["content"]["text"].as_str().unwrap().to_owned();
    assert!(text.contains("my_shop_list_books") && text.contains("my_shop_get_book"), "{text}");
    let uri = "my-shop+content-shop://docs/overview";
    let read = wire.modern("2", "resources/read", json!({ "uri": uri })).await;
    assert_eq!(read["result"]["contents"][0]["uri"], uri, "{read}");
    let text = read["result"]["contents"][0]["text"].as_str().unwrap();
    assert!(text.contains("my_shop_list_books"), "{text}");
    // The note about the next page contains the name that clients see.
    let given = arguments(&json!({ "state": "open", "page": 1 }));
    let result = service.call("books_list_loans", given, &local()).await.unwrap();
    let notes: Vec<String> = result.notes().map(ToString::to_string).collect();
    let told = format!("{} {}", result.as_text(), notes.join(" "));
    assert!(told.contains(r#""name":"books_list_loans""#), "{told}");
}

#[tokio::test]
async fn refusal_messages_use_the_tool_names_that_clients_see() {
    let recorder = recorder("books_burn_book");
    let service = endpoint("http://127.0.0.1:9", recorder.policies());
    for (tool, given, expected) in [
        ("books_get_book", json!({}), vec!["`books_get_book`", "(books_find_book)"]),
        ("books_list_loans", json!({ "limit": 3 }), vec!["`books_list_loans` needs the argument `state`"]),
        (
            "books_save_book",
            json!({ "title": 7, "extra": true }),
            vec!["The arguments of `books_save_book` do not fit"],
        ),
        (
            "books_retire_book",
            json!({ "operation": "burn", "bookId": "7" }),
            vec!["`books_retire_book` calls the operation books_burn_book"],
        ),
    ] {
        let request = SourceRequest::CallTool { name: tool.to_owned(), arguments: arguments(&given) };
        let outcome = service.run(request, &CallContext::new(local())).await;
        let error = outcome.result.unwrap_err().to_string();
        assert!(expected.iter().all(|part| error.contains(part)), "{tool} {given}: {error}");
    }
}

#[tokio::test]
async fn search_finds_and_calls_tools_of_every_connector() {
    let upstream = Upstream::answering(Answer::json(200, &json!({ "title": "Emma" }))).await.unwrap();
    let service = endpoint(&upstream.base_url(), Policies::none()).with_surface(SurfaceKind::Search, None);
    assert_eq!(names(&service), ["search_tools", "describe_tool", "call_read", "call_write"]);
    let found = service.call("search_tools", arguments(&json!({ "query": "read an order" })), &local()).await;
    assert!(found.unwrap().as_text().contains("my_shop_get_order"));
    let call = arguments(&json!({ "name": "books_get_book", "arguments": { "bookId": "7" } }));
    let got = service.call("call_read", call, &local()).await.unwrap();
    assert!(!got.is_error(), "{}", got.as_text());
    assert_eq!(upstream.take().len(), 1);
}

#[test]
fn service_refuses_a_second_connector_if_tool_names_could_be_equal() {
    let service = endpoint("http://127.0.0.1:9", Policies::none());
    for (name, taken) in [("books", "books"), ("books-old", "books"), ("my", "my-shop")] {
        let api = Api::new(&merged_shop::CONNECTOR, variables("http://127.0.0.1:9"));
        let error = service.clone().attach(named(name), api, Vec::new()).unwrap_err();
        assert_eq!(error, AttachError::NamesOverlap(named(taken), named(name)));
    }
}
