//! The search surface: four tools that find and call all other tools. A call is subject to the permissions,
//! approvals and audit of the tool that it names.

use std::path::Path;
use std::sync::Arc;

use jackfield_build::model::ConnectorName;
use jackfield_build::{Job, Manifest, model_of, o200k};
use jackfield_runtime::custom::{CustomTool, ToolResult};
use jackfield_runtime::{
    Api, CallContext, Caller, Channel, Effect, Environment, OutcomeCode, Service, SourceRequest,
    SourceResponse, SurfaceKind, listing,
};
use jackfield_testkit::{Answer, Upstream};
use jackfield_tests::bookshop_api;
use serde_json::{Map, Value, json};

use crate::protocol::lines_of;
use crate::recorder::{Recorder, Step, event};

/// Returns an approval or a record in words.
fn line(step: Step) -> Option<String> {
    match step {
        Step::Asked { .. } => None,
        Step::Approved { name, effect, .. } => Some(format!("approve {name} {effect:?}")),
        Step::Recorded(record) => {
            let effect = record.effect.map_or("unknown".to_owned(), |effect| format!("{effect:?}"));
            Some(format!("{} {} {effect}", event(&record), record.name))
        }
    }
}

/// Creates a bookshop with a search surface.
struct Shop {
    service: Service,
    recorder: Arc<Recorder>,
    upstream: Upstream,
}

impl Shop {
    async fn open(kind: SurfaceKind, hidden: Vec<&'static str>, custom: Vec<CustomTool>) -> Self {
        let upstream = Upstream::answering(Answer::json(200, &json!({ "items": [] }))).await.unwrap();
        let recorder = Recorder::new(&hidden, |_| true);
        let base = upstream.base_url();
        let variables = [("BOOKSHOP_BASE_URL", base.as_str()), ("BOOKSHOP_TOKEN", "secret")];
        let api = Api::new(&bookshop_api::CONNECTOR, Environment::of(variables));
        let api = api.with_policies(recorder.policies());
        let service = Service::new(api, custom).unwrap().with_surface(kind, None);
        Self { service, recorder, upstream }
    }

    /// Returns the approvals and records since the last call of this function.
    fn steps(&self) -> Vec<String> {
        self.recorder.take().into_iter().filter_map(line).collect()
    }

    async fn call(&self, name: &str, arguments: Value) -> (OutcomeCode, String) {
        let (code, result) = self.result(name, arguments).await;
        (code, result.map_or_else(|error| error, |result| result.as_text().to_owned()))
    }

    async fn result(&self, name: &str, arguments: Value) -> (OutcomeCode, Result<ToolResult, String>) {
        let arguments = arguments.as_object().cloned().unwrap();
        let request = SourceRequest::CallTool { name: name.to_owned(), arguments };
        let context = CallContext::new(Caller::local(Channel::Stdio));
        let outcome = self.service.run(request, &context).await;
        let result = match outcome.result {
            Ok(SourceResponse::Tool(result)) => Ok(result),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.to_string()),
        };
        (outcome.code, result)
    }

    fn names(&self) -> Vec<String> {
        self.service.list(&Caller::local(Channel::Stdio)).map(|tool| tool.name).collect()
    }
}

const SURFACE: [&str; 4] = ["search_tools", "describe_tool", "call_read", "call_write"];

fn tool(name: &str) -> CustomTool {
    CustomTool::new(name, |_| async { Ok(ToolResult::text("done")) })
}

#[tokio::test]
async fn search_surface_lists_four_tools_with_annotations() {
    let shop = Shop::open(SurfaceKind::Search, Vec::new(), Vec::new()).await;
    let tools: Vec<Value> = listing(&shop.service).map(|text| serde_json::from_str(&text).unwrap()).collect();
    let hints: Vec<(&str, bool, bool)> = tools
        .iter()
        .map(|tool| {
            let hint = |key: &str| tool["annotations"][key].as_bool().unwrap();
            (tool["name"].as_str().unwrap(), hint("readOnlyHint"), hint("destructiveHint"))
        })
        .collect();
    assert_eq!(
        hints,
        [
            ("search_tools", true, false),
            ("describe_tool", true, false),
            ("call_read", true, false),
            ("call_write", false, true)
        ]
    );
}

#[tokio::test]
async fn search_shows_five_hits_with_signature_effect_and_reason() {
    let shop = Shop::open(SurfaceKind::Search, Vec::new(), Vec::new()).await;
    let (code, text) = shop.call("search_tools", json!({ "query": "books of an author" })).await;
    assert_eq!((code, text.lines().count()), (OutcomeCode::Done, 5), "{text}");
    let list = text.lines().find(|line| line.starts_with("list_books(")).unwrap();
    assert!(list.contains("genre?") && list.contains("[read]") && list.contains("(`books` in"), "{list}");
    let (_, text) = shop.call("search_tools", json!({ "query": "cancel an order", "limit": 1 })).await;
    assert!(text.starts_with("cancel_order(orderId") && text.contains("[destroy]"), "{text}");
    let (code, text) = shop.call("search_tools", json!({ "query": "zzzzz" })).await;
    assert!(code == OutcomeCode::Done && text.starts_with("No tool matches `zzzzz`."), "{text}");
    assert_eq!(shop.upstream.take().len(), 0);
    let records = shop.steps();
    assert_eq!(records, vec!["ended done search_tools Read"; 3], "a search needs no approval");
}

#[tokio::test]
async fn hidden_tool_cannot_be_found_described_or_called() {
    let shop = Shop::open(SurfaceKind::Search, vec!["list_books"], Vec::new()).await;
    let query = json!({ "query": "list books", "limit": 20 });
    let (_, text) = shop.call("search_tools", query).await;
    assert!(!text.contains("list_books") && text.contains("get_book("), "{text}");
    let (code, text) = shop.call("describe_tool", json!({ "name": "list_books" })).await;
    assert_eq!(code, OutcomeCode::Unknown);
    assert!(!text.contains("mean `list_books`"), "{text}");
    let (code, _) = shop.call("call_read", json!({ "name": "list_books" })).await;
    assert_eq!(code, OutcomeCode::NotPermitted);
    let hidden = Shop::open(SurfaceKind::Search, vec!["cancel_order"], Vec::new()).await;
    let (code, text) = hidden.call("call_read", json!({ "name": "cancel_order" })).await;
    assert_eq!(code, OutcomeCode::NotPermitted, "{text}");
    assert_eq!(shop.upstream.take().len(), 0);
}

#[tokio::test]
async fn call_read_refuses_tools_that_are_not_reads() {
    let shop = Shop::open(SurfaceKind::Search, Vec::new(), vec![tool("reindex")]).await;
    for (name, effect) in [("cancel_order", "Destroy"), ("add_book", "Write"), ("reindex", "Destroy")] {
        let (code, text) = shop.call("call_read", json!({ "name": name, "arguments": {} })).await;
        assert_eq!(code, OutcomeCode::InvalidArguments);
        assert!(text.contains("`call_write`") && text.contains("Nothing was sent"), "{text}");
        assert_eq!(shop.steps(), [format!("refused invalid_arguments {name} {effect}")]);
    }
    assert_eq!(shop.upstream.take().len(), 0);
}

#[tokio::test]
async fn policies_and_audit_records_name_the_tool_that_search_calls() {
    let shop = Shop::open(SurfaceKind::Search, Vec::new(), Vec::new()).await;
    let (code, text) =
        shop.call("call_read", json!({ "name": "list_books", "arguments": { "limit": 3 } })).await;
    assert_eq!(code, OutcomeCode::Done, "{text}");
    let [request] = shop.upstream.take().try_into().unwrap();
    assert_eq!(request.target, "/books?limit=3");
    assert_eq!(
        shop.steps(),
        ["approve list_books Read", "intent list_books Read", "ended done list_books Read"]
    );
    let cancel = json!({ "name": "cancel_order", "arguments": { "orderId": "ord_1" } });
    let (code, text) = shop.call("call_write", cancel).await;
    assert_eq!(code, OutcomeCode::Done, "{text}");
    assert_eq!(
        shop.steps(),
        ["approve cancel_order Destroy", "intent cancel_order Destroy", "ended done cancel_order Destroy"]
    );
}

#[tokio::test]
async fn error_about_an_unknown_tool_or_argument_name_suggests_the_nearest_name() {
    let shop = Shop::open(SurfaceKind::Search, Vec::new(), Vec::new()).await;
    for (arguments, code, said) in [
        (json!({ "name": "list_book" }), "unknown", "did you mean `list_books`?"),
        (json!({ "name": "books" }), "unknown", "did you mean `"),
        (json!({ "name": "list_books", "arguments": { "limt": 3 } }), "invalid_arguments", "`limit`"),
        (json!({ "name": "list_books", "argument": {} }), "invalid_arguments", "did you mean `arguments`?"),
        (json!({ "arguments": {} }), "invalid_arguments", "name"),
    ] {
        let (outcome, text) = shop.call("call_read", arguments.clone()).await;
        assert_eq!(outcome.as_str(), code, "{arguments}: {text}");
        assert!(text.contains(said), "{arguments}: {text}");
    }
    assert_eq!(shop.upstream.take().len(), 0);
}

#[tokio::test]
async fn error_for_an_unlisted_tool_names_the_tool_that_can_call_it() {
    let shop = Shop::open(SurfaceKind::Search, Vec::new(), Vec::new()).await;
    for (name, said) in [
        ("list_books", "call it with `call_read`"),
        ("cancel_order", "call it with `call_write`"),
        ("search_tool", "did you mean `search_tools`?"),
    ] {
        let (code, text) = shop.call(name, json!({})).await;
        assert_eq!(code, OutcomeCode::Unknown);
        assert!(text.contains(said), "{text}");
    }
    assert_eq!(shop.upstream.take().len(), 0);
}

#[tokio::test]
async fn tool_named_like_a_surface_tool_is_renamed_with_a_note() {
    let search = tool("search_tools").description("Searches the tools of a workshop.").effect(Effect::Read);
    let shop = Shop::open(SurfaceKind::Search, Vec::new(), vec![search]).await;
    let [note] = shop.service.surface_notes() else { panic!("{:?}", shop.service.surface_notes()) };
    assert!(note.contains("`search_tools` is called `search_tools_2`"), "{note}");
    let (_, text) = shop.call("search_tools", json!({ "query": "workshop tools" })).await;
    assert!(text.contains("search_tools_2()"), "{text}");
    shop.steps();
    let (code, text) = shop.call("call_read", json!({ "name": "search_tools_2" })).await;
    assert_eq!((code, text.as_str()), (OutcomeCode::Done, "done"));
    let records = shop.steps();
    assert_eq!(records[0], "approve search_tools Read", "policies see the name of the tool itself");
}

#[tokio::test]
async fn tool_list_of_the_search_surface_does_not_change_after_calls() {
    let shop = Shop::open(SurfaceKind::Search, vec!["list_books"], vec![tool("reindex")]).await;
    let caller = Caller::local(Channel::Stdio);
    let (before, version) = (shop.names(), shop.service.list_version(&caller));
    assert_eq!(before, SURFACE);
    shop.call("search_tools", json!({ "query": "books" })).await;
    shop.call("call_read", json!({ "name": "get_book", "arguments": { "bookId": "bk_0117" } })).await;
    assert_eq!((shop.names(), shop.service.list_version(&caller)), (before, version));
}

#[tokio::test]
async fn promoted_tools_are_listed_and_called_by_name() {
    let shop = Shop::open(SurfaceKind::Promoted, Vec::new(), Vec::new()).await;
    let names = shop.names();
    assert_eq!(names[..4], SURFACE);
    assert!((3..=5).contains(&(names.len() - 4)), "{names:?}");
    assert!(names.contains(&"list_books".to_owned()), "{names:?}");
    let (code, text) = shop.call("list_books", json!({})).await;
    assert_eq!(code, OutcomeCode::Done, "{text}");
    assert_eq!(shop.steps()[1], "intent list_books Read");
    let hidden = Shop::open(SurfaceKind::Promoted, vec!["list_books"], Vec::new()).await;
    assert!(!hidden.names().contains(&"list_books".to_owned()));
}

/// Returns a schema of about 30,000 tokens: nested objects, long texts and shared definitions.
fn large_schema() -> String {
    let text = "A sentence about the property that explains all of its values in much detail. ".repeat(4);
    let leaf = json!({ "type": "string", "description": text });
    let fields: Map<String, Value> = (0..20).map(|at| (format!("field_{at}"), leaf.clone())).collect();
    let nested = json!({ "type": "object", "description": text, "properties": fields });
    let groups: Map<String, Value> = (0..12).map(|at| (format!("group_{at}"), nested.clone())).collect();
    json!({
        "type": "object",
        "required": ["filter", "mode"],
        "properties": {
            "filter": { "type": "object", "description": "The filter.", "properties": groups, "required": ["group_3"] },
            "mode": { "enum": ["fast", "thorough"] },
            "limit": { "type": "integer", "description": text },
        },
        "additionalProperties": false,
    })
    .to_string()
}

#[tokio::test]
async fn description_of_a_large_schema_takes_less_than_500_tokens() {
    let large = tool("query_everything").input(large_schema()).effect(Effect::Read);
    let shop = Shop::open(SurfaceKind::Search, Vec::new(), vec![large]).await;
    assert!(o200k().count(&large_schema()) > 15_000);
    let mut paths = vec![json!({ "name": "query_everything" })];
    paths.extend(
        ["/filter", "/filter/group_3", "/filter/group_3/field_1"]
            .map(|path| json!({ "name": "query_everything", "path": path })),
    );
    for arguments in paths {
        let (code, result) = shop.result("describe_tool", arguments.clone()).await;
        let result = result.unwrap();
        let tokens = o200k().count(result.as_text());
        assert!(code == OutcomeCode::Done && tokens < 500, "{arguments}: {tokens}\n{}", result.as_text());
        let schema = &result.structured().unwrap()["inputSchema"];
        assert!(schema.is_object() && schema.get("type").is_some(), "{arguments}: {schema}");
    }
    let (_, text) = shop.call("describe_tool", json!({ "name": "query_everything" })).await;
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["example"]["tool"], "call_read");
    assert_eq!(answer["example"]["arguments"]["arguments"]["mode"], "fast");
    let (code, text) =
        shop.call("describe_tool", json!({ "name": "query_everything", "path": "/filtr" })).await;
    assert_eq!(code, OutcomeCode::InvalidArguments);
    assert!(text.contains("did you mean `/filter`?"), "{text}");
}

#[tokio::test]
async fn describe_and_example_lead_to_a_valid_call() {
    let shop = Shop::open(SurfaceKind::Search, Vec::new(), Vec::new()).await;
    for name in ["list_books", "list_categories"] {
        let (_, text) = shop.call("describe_tool", json!({ "name": name })).await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        let example = &answer["example"];
        let (code, text) = shop.call(example["tool"].as_str().unwrap(), example["arguments"].clone()).await;
        assert_eq!(code, OutcomeCode::Done, "{example}: {text}");
    }
}

#[tokio::test]
async fn instructions_and_list_of_the_search_surface_take_at_most_1500_tokens() {
    for spec in jackfield_tests::SPECS {
        let api = Api::new(spec.connector, Environment::of([] as [(&str, &str); 0]));
        let service = Service::new(api, Vec::new()).unwrap().with_surface(SurfaceKind::Search, None);
        let list: Vec<String> = listing(&service).collect();
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        let lines = lines_of(service, &[request]).await;
        let instructions = lines[0]["result"]["instructions"].as_str().unwrap();
        let tokens = o200k().count(instructions) + o200k().count(&list.join(","));
        assert!(tokens <= 1_500, "{}: {tokens}\n{instructions}", spec.file);
    }
}

/// Returns the service of a document that has many tools, one of them called `search_tools`.
fn many_tools(kind: SurfaceKind, operations: usize) -> Service {
    let operation =
        |id: &str| json!({ "operationId": id, "summary": format!("Reads {id}"), "responses": {} });
    let mut paths: Map<String, Value> = (0..operations)
        .map(|at| (format!("/things{at}"), json!({ "get": operation(&format!("listThings{at}")) })))
        .collect();
    paths.insert("/tools/search".to_owned(), json!({ "get": operation("searchTools") }));
    let document = json!({
        "openapi": "3.0.3", "info": { "title": "Many", "version": "1" },
        "servers": [{ "url": "https://api.example.com" }], "paths": paths,
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.json");
    std::fs::write(&path, document.to_string()).unwrap();
    let modelled = model(&path);
    let tokens = modelled.tokens();
    let rows = jackfield_cli::preview::connector(modelled);
    let api = Api::new(rows, Environment::of([] as [(&str, &str); 0]));
    Service::new(api, Vec::new()).unwrap().with_surface(kind, Some(tokens))
}

fn model(path: &Path) -> jackfield_build::Modelled {
    let name = ConnectorName::new("many").unwrap();
    model_of(&Job::new(Manifest::for_document(path, Some(name)))).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn generated_tool_named_like_a_surface_tool_is_renamed() {
    let service = many_tools(SurfaceKind::Search, 1);
    let notes = service.surface_notes();
    assert!(notes[0].contains("`search_tools` is called `search_tools_2`"), "{notes:?}");
}

#[test]
fn auto_surface_is_the_search_surface_only_for_a_long_tool_list() {
    let caller = Caller::local(Channel::Stdio);
    let short = many_tools(SurfaceKind::Auto, 5);
    assert_eq!(short.list(&caller).count(), 6);
    assert!(short.surface_notes()[0].contains("`--surface search`"), "{:?}", short.surface_notes());
    let long = many_tools(SurfaceKind::Auto, 400);
    assert_eq!(long.list(&caller).count(), 4);
    assert!(long.surface_notes()[0].contains("`--surface each`"), "{:?}", long.surface_notes());
}

#[test]
fn generated_token_counts_equal_the_tokens_of_the_list() {
    let connector = &bookshop_api::CONNECTOR;
    let service =
        Service::new(Api::new(connector, Environment::of([] as [(&str, &str); 0])), Vec::new()).unwrap();
    for (tool, text) in connector.tools().zip(listing(&service)) {
        let tokens = o200k().count(&text);
        let counted = tool.token_count();
        assert!(counted.abs_diff(tokens) * 20 <= tokens, "{}: {counted} of {tokens}", tool.name());
    }
}
