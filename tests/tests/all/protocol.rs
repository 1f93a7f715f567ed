//! A connector as an MCP client sees it, over an in-process stream.

use std::collections::BTreeSet;
use std::time::Duration;

use jackfield_build::CrateFolder;
use jackfield_runtime::custom::{Call, CustomTool, ToolResult};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{Api, Effect, Environment, Service, serve_streams};
use jackfield_testkit::{
    Answer, Client, ClientError, ContentBlock, ErrorCode, Handshake, ServiceError, Tool, Upstream,
    schema_faults,
};
use jackfield_tests::{SPECS, bookshop_api, bookstall};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};

use crate::specs;

/// The message size above which some clients refuse a message or crash.
const LARGEST_PAGE: usize = 950_000;

/// Returns a client of that connector. The connector sends its requests to `base`.
async fn connect(
    handshake: Handshake,
    connector: impl Into<ConnectorRows>,
    base: &str,
    custom: Vec<CustomTool>,
) -> Client {
    let connector = connector.into();
    let name = connector.get().name().replace('-', "_").to_uppercase();
    let variables = [(format!("{name}_BASE_URL"), base), (format!("{name}_TOKEN"), "secret")];
    let service = Service::new(Api::new(connector, Environment::of(variables)), custom).unwrap();
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (input, output) = tokio::io::split(theirs);
    tokio::spawn(serve_streams(service, input, output));
    Client::connect_as(handshake, ours).await.unwrap()
}

fn text(content: &[ContentBlock]) -> &str {
    content.first().and_then(ContentBlock::as_text).map(|text| text.text.as_str()).unwrap_or_default()
}

fn code(error: &ClientError) -> ErrorCode {
    match error {
        ClientError::Request { cause: ServiceError::McpError(error), .. } => error.code,
        other => panic!("this is not a protocol error: {other}"),
    }
}

#[tokio::test]
async fn modern_and_legacy_handshakes_list_and_call_tools() {
    let upstream = Upstream::answering(Answer::json(200, &json!({ "items": [] }))).await.unwrap();
    for (handshake, version) in [(Handshake::Modern, "2026-07-28"), (Handshake::Legacy, "2025-11-25")] {
        let mut client = connect(handshake, &bookshop_api::CONNECTOR, &upstream.base_url(), Vec::new()).await;
        let info = client.server_info().unwrap();
        assert_eq!(info.protocol_version.as_str(), version);
        let server = info.server_info.unwrap();
        assert_eq!(server.name, "bookshop-mcp");
        assert_eq!(server.title.as_deref(), Some("Lamplight Bookshop"));
        assert!(info.instructions.is_some_and(|it| !it.is_empty()), "{handshake:?}: no instructions");

        let tools = client.tools().await.unwrap();
        assert_eq!(tools.len(), bookshop_api::CONNECTOR.tools().count());
        let result = client.call("list_books", json!({})).await.unwrap();
        assert_ne!(result.is_error, Some(true), "{result:?}");
        assert_eq!(result.structured_content, Some(json!({ "items": [] })));
        assert_eq!(upstream.take().len(), 1);
        client.close().await.unwrap();
    }
}

/// Sends requests to the bookshop's connector. Returns the lines that the connector sends until it has answered all requests.
async fn lines(base: &str, requests: &[Value]) -> Vec<Value> {
    let variables = [("BOOKSHOP_BASE_URL", base), ("BOOKSHOP_TOKEN", "secret")];
    let api = Api::new(&bookshop_api::CONNECTOR, Environment::of(variables));
    lines_of(Service::new(api, Vec::new()).unwrap(), requests).await
}

/// Sends requests to a service, and returns the lines that it sends until all of them are answered.
pub(crate) async fn lines_of(service: Service, requests: &[Value]) -> Vec<Value> {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let (input, output) = tokio::io::split(theirs);
    tokio::spawn(serve_streams(service, input, output));
    let (answers, sink) = tokio::io::split(ours);
    exchange(answers, sink, requests).await
}

/// Sends requests to a server over a pair of streams. Returns the lines that the server sends until it has answered all requests.
pub(crate) async fn exchange(
    answers: impl AsyncRead + Unpin,
    mut sink: impl AsyncWrite + Unpin,
    requests: &[Value],
) -> Vec<Value> {
    let client = json!({ "name": "by hand", "version": "1" });
    let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    let hello = json!({ "jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": hello });
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    for message in [hello, ready].iter().chain(requests) {
        sink.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }
    let mut answers = BufReader::new(answers).lines();
    let mut came: Vec<Value> = Vec::new();
    while came.iter().filter(|it| it.get("id").is_some()).count() <= requests.len() {
        came.push(serde_json::from_str(&answers.next_line().await.unwrap().unwrap()).unwrap());
    }
    came
}

#[tokio::test]
async fn progress_notifications_stop_after_the_answer() {
    let answer = Answer::bytes(200, "text/event-stream", "data: 1\n\n").repeated(2, Duration::from_millis(1));
    let upstream = Upstream::answering(answer).await.unwrap();
    let call = |id: u32| {
        let params = json!({ "name": "list_books", "arguments": {}, "_meta": { "progressToken": id } });
        json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
    };
    let came = lines(&upstream.base_url(), &(0..200).map(call).collect::<Vec<_>>()).await;
    let told = |it: &Value| it["params"]["progressToken"].as_u64();
    assert!(came.iter().any(|it| told(it).is_some()));
    for (at, message) in came.iter().enumerate() {
        let late =
            came[at..].iter().find(|later| told(later).is_some() && told(later) == message["id"].as_u64());
        assert_eq!(late, None, "{message}");
    }
}

#[tokio::test]
async fn arguments_that_are_not_an_object_are_a_tool_error() {
    let call = |(id, arguments): (usize, &Value)| {
        let params = json!({ "name": "list_books", "arguments": arguments });
        json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
    };
    let calls: Vec<Value> = [json!("{}"), json!([]), json!(1)].iter().enumerate().map(call).collect();
    for answer in &lines("http://127.0.0.1:9", &calls).await[1..] {
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
}

/// Checks the tools of every document against the rules of clients and model APIs.
#[tokio::test]
async fn every_listed_tool_is_accepted_by_strict_clients() {
    for spec in SPECS {
        let client = connect(Handshake::Modern, spec.connector, "http://127.0.0.1:9", Vec::new()).await;
        let mut names = BTreeSet::new();
        for tool in client.tools().await.unwrap() {
            if let Err(problem) = acceptable(&tool) {
                panic!("{}: {}: {problem}\n{:#}", spec.file, tool.name, schema(&tool));
            }
            assert!(names.insert(tool.name.clone()), "{}: two tools are called {}", spec.file, tool.name);
        }
    }
}

/// Checks output schemas, whose root contains nothing but properties.
#[tokio::test]
async fn every_output_schema_is_accepted_by_strict_clients() {
    let mut promises = 0;
    for spec in SPECS {
        let connector = specs::promising_preview(&specs::document(spec.file), spec.name);
        let client = connect(Handshake::Modern, connector, "http://127.0.0.1:9", Vec::new()).await;
        for tool in client.tools().await.unwrap() {
            let Some(output) = tool.output_schema.clone() else { continue };
            promises += 1;
            let output = Value::Object((*output).clone());
            let keys: Vec<&String> = output.as_object().into_iter().flat_map(|it| it.keys()).collect();
            assert!(
                output["type"] == "object"
                    && keys.iter().all(|key| ["type", "properties", "$defs"].contains(&key.as_str())),
                "{}: {}: {output:#}",
                spec.file,
                tool.name
            );
            for condition in ["required", "pattern", "format", "oneOf", "not"] {
                assert!(
                    !output.to_string().contains(&format!("\"{condition}\":")),
                    "{}: {output:#}",
                    spec.file
                );
            }
            assert_eq!(schema_faults(&output), Vec::<String>::new(), "{}", spec.file);
        }
    }
    assert!(promises > 10, "only {promises} tools have an output schema");
}

fn schema(tool: &Tool) -> Value {
    Value::Object((*tool.input_schema).clone())
}

fn acceptable(tool: &Tool) -> Result<(), String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if tool.name.is_empty() || tool.name.len() > 64 || !tool.name.chars().all(legal) {
        return Err("model APIs refuse this name".to_owned());
    }
    // The lean wording contains a tool's text once, in its description.
    let says = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    if !says(tool.title.as_deref()) && !says(tool.description.as_deref()) {
        return Err("it has neither a title nor a description".to_owned());
    }
    let hints = tool.annotations.as_ref().ok_or("it has no annotations")?;
    let set = [hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint, hints.open_world_hint];
    if set.contains(&None) {
        return Err(format!("a hint is not set: {hints:?}"));
    }
    if hints.read_only_hint == Some(true) && hints.destructive_hint == Some(true) {
        return Err("it reads only, and destroys".to_owned());
    }
    match schema_faults(&schema(tool)).as_slice() {
        [] => Ok(()),
        faults => Err(faults.join("; ")),
    }
}

#[tokio::test]
async fn unknown_tool_prompt_or_resource_is_a_protocol_error() {
    let client = connect(Handshake::Modern, &bookshop_api::CONNECTOR, "http://127.0.0.1:9", Vec::new()).await;
    let error = client.call("list_boks", json!({})).await.unwrap_err();
    assert_eq!(code(&error), ErrorCode::INVALID_PARAMS);
    assert!(error.to_string().contains("did you mean `list_books`?"), "{error}");

    let prompts = client.peer().list_prompts(None).await.unwrap_err();
    let resources = client.peer().list_resources(None).await.unwrap_err();
    for error in [prompts, resources] {
        let ServiceError::McpError(error) = error else { panic!("{error}") };
        assert_eq!(error.code, ErrorCode::METHOD_NOT_FOUND);
    }
}

#[tokio::test]
async fn error_reply_of_the_service_is_a_tool_result_with_an_error() {
    let answer = Answer::json(404, &json!({ "error": "no such book" })).header("x-request-id", "r-1");
    let upstream = Upstream::answering(answer).await.unwrap();
    let client = connect(Handshake::Modern, &bookshop_api::CONNECTOR, &upstream.base_url(), Vec::new()).await;

    let result = client.call("get_book", json!({ "bookId": "bk_1" })).await.unwrap();
    assert_eq!(result.is_error, Some(true));
    let said = text(&result.content);
    assert!(said.contains("404") && said.contains("no such book") && said.contains("r-1"), "{said}");
    assert_eq!(upstream.take().len(), 1);

    let result = client.call("get_book", json!({ "book": "bk_1" })).await.unwrap();
    assert_eq!(result.is_error, Some(true));
    let said = text(&result.content);
    assert!(said.contains("nothing was sent") && said.contains("bookId"), "{said}");
    assert_eq!(upstream.take(), []);
}

/// Creates `count_books`, a hand-written tool that calls a generated tool.
fn count_books() -> CustomTool {
    CustomTool::new("count_books", |call: Call| async move {
        let reply = call.send(&bookstall::books::FIND_BOOKS, json!({ "limit": 2 })).await?;
        let count = reply.json().and_then(|it| it["items"].as_array().map(Vec::len)).unwrap_or(0);
        Ok(ToolResult::text(format!("{count} books")))
    })
    .title("Count the books")
    .effect(Effect::Read)
}

#[tokio::test]
async fn hand_written_tool_is_listed_with_the_generated_tools() {
    let upstream = Upstream::answering(Answer::json(200, &json!({ "items": [1, 2, 3] }))).await.unwrap();
    let client =
        connect(Handshake::Modern, &bookstall::CONNECTOR, &upstream.base_url(), vec![count_books()]).await;
    let tools = client.tools().await.unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| &*tool.name).collect();
    assert_eq!(names.last(), Some(&"count_books"), "{names:?}");
    assert!(names.contains(&"find_books") && names.contains(&"order_books"), "{names:?}");
    let hints = tools.last().and_then(|tool| tool.annotations.clone()).unwrap();
    assert_eq!((hints.read_only_hint, hints.destructive_hint), (Some(true), Some(false)));

    let result = client.call("count_books", json!({})).await.unwrap();
    assert_eq!(text(&result.content), "3 books");
    let request = upstream.take().pop().unwrap();
    assert!(request.target.ends_with("/books?limit=2"), "{request}");

    let refused = client.call("count_books", json!({ "all": true })).await.unwrap();
    assert_eq!(refused.is_error, Some(true));
    assert_eq!(upstream.take(), []);
}

#[tokio::test]
async fn tool_description_from_connector_toml_is_sent_to_the_client() {
    let upstream = Upstream::answering(Answer::json(200, &json!({}))).await.unwrap();
    let client = connect(Handshake::Modern, &bookstall::CONNECTOR, &upstream.base_url(), Vec::new()).await;
    let tools = client.tools().await.unwrap();
    let tool = |name: &str| tools.iter().find(|tool| tool.name == name).unwrap();
    let hints = tool("order_books").annotations.clone().unwrap();
    assert_eq!((hints.read_only_hint, hints.destructive_hint), (Some(false), Some(true)));
    let found = tool("find_books");
    assert_eq!(found.title.as_deref(), Some("Find books"));
    assert_eq!(found.description.as_deref(), Some("Finds books by words, genre or shelf"));
}

#[test]
fn duplicate_tool_names_are_refused() {
    let api = || Api::new(&bookstall::CONNECTOR, Environment::of::<String, String>([]));
    let clash = CustomTool::new("find_books", |_| async { Ok(ToolResult::text("")) });
    let error = Service::new(api(), vec![clash]).unwrap_err().to_string();
    assert!(error.contains("two tools are called `find_books`"), "{error}");
    let twice = Service::new(api(), vec![count_books(), count_books()]).unwrap_err().to_string();
    assert!(twice.contains("`count_books`"), "{twice}");
}

/// Returns a document whose tools take more than two megabytes. Most of this is shared schemas, which each page repeats.
fn large_document() -> String {
    let words =
        "Words enough that a description is as long as those of real documents often are. ".repeat(40);
    let mut paths = serde_json::Map::new();
    for n in 0..600 {
        let operation = json!({
            "operationId": format!("tool{n}"),
            "description": words,
            "parameters": [{
                "name": "shared", "in": "query",
                "schema": { "$ref": format!("#/components/schemas/Shared{}", n % 7) },
            }],
            "responses": { "204": { "description": "Done." } },
        });
        paths.insert(format!("/things/{n}"), json!({ "get": operation }));
    }
    let schemas = (0..7).map(|n| (format!("Shared{n}"), json!({ "type": "string", "description": words })));
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Large", "version": "1" },
        "servers": [{ "url": "https://api.example.com" }],
        "paths": paths,
        "components": { "schemas": schemas.collect::<serde_json::Map<_, _>>() },
    })
    .to_string()
}

#[tokio::test]
async fn long_tool_list_is_split_into_bounded_pages() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("large.json");
    std::fs::write(&document, large_document()).unwrap();
    let connector = specs::preview_in_full(&document, "large");
    let client = connect(Handshake::Modern, &connector, "http://127.0.0.1:9", Vec::new()).await;

    let pages = client.tool_pages().await.unwrap();
    let sizes: Vec<usize> = pages.iter().map(|page| serde_json::to_string(page).unwrap().len()).collect();
    assert!(sizes.iter().sum::<usize>() > 2_000_000, "the list is too short for this test: {sizes:?}");
    assert!(sizes.iter().all(|size| *size < LARGEST_PAGE), "{sizes:?}");
    let names =
        |pages: &[Vec<Tool>]| pages.iter().flatten().map(|it| it.name.to_string()).collect::<Vec<_>>();
    let expected: Vec<String> = connector.tools().map(|tool| tool.get().name().to_owned()).collect();
    assert_eq!(names(&pages), expected);
    assert_eq!(names(&client.tool_pages().await.unwrap()), expected, "the second list has another order");
}

/// Every front end reads the connector.toml of this package in the same way, including selections and
/// renames.
#[test]
fn connector_toml_has_the_same_effect_in_every_front_end() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let generated = CrateFolder::open(folder).unwrap().generate().unwrap();
    assert!(generated.report.count.excluded > 0 && generated.report.count.is_whole());
    let names: Vec<&str> = bookstall::CONNECTOR.tools().map(|tool| tool.name()).collect();
    let lock = &generated.files.get("jackfield.lock").unwrap().text;
    let mut locked: Vec<&str> =
        lock.lines().filter_map(|line| line.strip_prefix("tool ")?.split(' ').next()).collect();
    locked.sort_by_key(|name| names.iter().position(|known| known == name));
    assert_eq!(locked, names);
}
