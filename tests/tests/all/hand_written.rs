//! Hand-written resources, prompts and messages as clients see them, and requests that clients cancel.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;

use jackfield_runtime::custom::{
    Content, Custom, CustomPrompt, CustomResource, CustomTemplate, CustomTool, PromptMessage,
    ResourceContents, ResourceUpdates, ToolResult,
};
use jackfield_runtime::{
    ActiveCall, Answered, Api, CallFuture, Caller, Effect, Environment, HttpServer, Listed, LogLevel,
    Prepared, Service, Source, SourceRequest,
};
use jackfield_tests::bookshop_api;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::wire::{Wire, with_meta};

fn service(custom: Custom) -> Service {
    Service::new(Api::new(&bookshop_api::CONNECTOR, Environment::of::<&str, &str>([])), custom).unwrap()
}

fn shelf() -> Custom {
    let cover = CustomResource::new("shelf://cover", "Cover", |read| async move {
        Ok(vec![ResourceContents::bytes(read.uri, [1, 2, 3]).with_media_type("image/png")])
    });
    let books = CustomTemplate::new("shelf://books/{id}", "Books", |read| async move {
        let id = read.call.args.get("id").and_then(Value::as_str).unwrap_or_default();
        Ok(vec![ResourceContents::text(&read.uri, format!("book {id}"))])
    });
    let books = books.completes("id", |call| async move {
        Ok((0..150).map(|at| format!("{}{at}", call.value)).collect())
    });
    let review = CustomPrompt::new("review", |call| async move {
        let title = call.args.get("title").and_then(Value::as_str).unwrap_or_default().to_owned();
        let book = ResourceContents::text("shelf://books/1", title).with_media_type("text/plain");
        Ok(vec![
            PromptMessage::user(book),
            PromptMessage::assistant(Content::image("image/png", [1, 2, 3])),
            PromptMessage::user(Content::audio("audio/ogg", [1, 2, 3])),
        ])
    });
    let review = review.requires("title", "The title").accepts("tone", "How to say it");
    Custom::new().resources([cover.description("A cover")]).templates([books]).prompts([review])
}

#[tokio::test]
async fn hand_written_resources_and_prompts_are_served() {
    let mut wire = Wire::open(service(shelf()));
    let found = wire.modern("0", "server/discover", json!({})).await;
    let capabilities = &found["result"]["capabilities"];
    assert!(capabilities["completions"].is_object() && capabilities.get("logging").is_none(), "{found}");

    let listed = wire.modern("1", "resources/list", json!({})).await;
    let cover = &listed["result"]["resources"][0];
    assert_eq!((&cover["uri"], &cover["description"]), (&json!("shelf://cover"), &json!("A cover")));
    assert_eq!(listed["result"]["resources"].as_array().unwrap().len(), 1);
    assert_eq!(listed["result"]["cacheScope"], "public");
    let listed = wire.modern("2", "resources/templates/list", json!({})).await;
    assert_eq!(listed["result"]["resourceTemplates"][0]["uriTemplate"], "shelf://books/{id}");

    let read = wire.modern("3", "resources/read", json!({ "uri": "shelf://cover" })).await;
    let contents = json!([{ "uri": "shelf://cover", "mimeType": "image/png", "blob": "AQID" }]);
    assert_eq!(read["result"]["contents"], contents);
    let read = wire.modern("4", "resources/read", json!({ "uri": "shelf://books/a%20b" })).await;
    assert_eq!(read["result"]["contents"][0]["text"], "book a b");
    let uri = format!("shelf://{}", "x".repeat(200));
    let unknown = wire.modern("5", "resources/read", json!({ "uri": uri })).await;
    assert_eq!((&unknown["error"]["code"], &unknown["error"]["data"]["uri"]), (&json!(-32602), &json!(uri)));

    let got =
        wire.modern("6", "prompts/get", json!({ "name": "review", "arguments": { "title": "Moss" } })).await;
    let kinds: Vec<&Value> =
        got["result"]["messages"].as_array().unwrap().iter().map(|it| &it["content"]["type"]).collect();
    assert_eq!(kinds, ["resource", "image", "audio"]);
    for (arguments, problem) in [
        (json!({}), "`title` is required"),
        (json!({ "title": 1 }), "`title` must be a string"),
        (json!({ "title": "a", "tone": [] }), "`tone` must be a string"),
    ] {
        let refused =
            wire.modern("7", "prompts/get", json!({ "name": "review", "arguments": arguments })).await;
        assert_eq!(refused["error"]["code"], -32602);
        assert!(refused["error"]["message"].as_str().unwrap().contains(problem), "{refused}");
    }

    let complete = |reference: Value, name: &str| json!({ "ref": reference, "argument": { "name": name, "value": "4" } });
    let template = json!({ "type": "ref/resource", "uri": "shelf://books/{id}" });
    let completed = wire.modern("8", "completion/complete", complete(template, "id")).await;
    let completion = &completed["result"]["completion"];
    assert_eq!(completion["values"].as_array().unwrap().len(), 100);
    assert_eq!((&completion["total"], &completion["hasMore"]), (&json!(150), &json!(true)));
    let prompt = json!({ "type": "ref/prompt", "name": "review" });
    let completed = wire.modern("9", "completion/complete", complete(prompt, "title")).await;
    assert_eq!(completed["result"]["completion"]["values"], json!([]));
}

#[tokio::test]
async fn method_of_an_undeclared_capability_is_not_found() {
    let mut wire = Wire::legacy(service(Custom::new()), json!({})).await;
    for method in
        ["resources/list", "resources/subscribe", "prompts/list", "completion/complete", "logging/setLevel"]
    {
        let params = json!({
            "uri": "x://a", "level": "info", "name": "x",
            "ref": { "type": "ref/prompt", "name": "x" }, "argument": { "name": "x", "value": "" },
        });
        wire.request("1", method, params).await;
        assert_eq!(wire.next().await["error"]["code"], -32601, "{method}");
    }
    let mut wire = Wire::open(service(Custom::new()));
    let answer = wire.modern("1", "subscriptions/listen", json!({ "notifications": {} })).await;
    assert_eq!(answer["error"]["code"], -32601, "{answer}");
}

fn chatty() -> Custom {
    let tool = CustomTool::new("chat", |call| async move {
        call.context.log(LogLevel::Debug, "detail").await;
        call.context.log(LogLevel::Warning, json!({ "disk": "full" })).await;
        Ok(ToolResult::text("done"))
    });
    Custom::new().tools([tool]).logs()
}

#[tokio::test]
async fn log_messages_are_sent_only_to_clients_that_set_a_log_level() {
    let mut wire = Wire::legacy(service(chatty()), json!({})).await;
    wire.request("1", "tools/call", json!({ "name": "chat" })).await;
    assert_eq!(wire.next().await["id"], "1");
    wire.request("2", "logging/setLevel", json!({ "level": "info" })).await;
    wire.answer("2").await;
    wire.request("3", "tools/call", json!({ "name": "chat" })).await;
    let message = wire.next().await;
    assert_eq!(message["method"], "notifications/message");
    assert_eq!(message["params"], json!({ "level": "warning", "data": { "disk": "full" } }));
    assert_eq!(wire.next().await["id"], "3");

    let mut wire = Wire::open(service(chatty()));
    let mut params = with_meta(json!({ "name": "chat" }), json!({}));
    wire.request("4", "tools/call", params.clone()).await;
    assert_eq!(wire.next().await["id"], "4");
    params["_meta"]["io.modelcontextprotocol/logLevel"] = "debug".into();
    wire.request("5", "tools/call", params).await;
    assert_eq!(wire.next().await["params"]["data"], "detail");
}

/// A source that lists a tool in every second version.
struct Changing(watch::Sender<u64>);

impl Source for Changing {
    fn version(&self) -> u64 {
        *self.0.borrow()
    }

    fn changes(&self) -> Option<watch::Receiver<u64>> {
        Some(self.0.subscribe())
    }

    fn tools<'a>(&'a self, _: &'a Caller) -> Box<dyn Iterator<Item = Listed> + 'a> {
        let listed = Listed {
            name: "sometimes".to_owned(),
            title: String::new(),
            description: String::new(),
            input: Map::from_iter([("type".to_owned(), "object".into())]),
            output: None,
            effect: Effect::Read,
            idempotent: true,
            further: Map::new(),
        };
        Box::new((self.version() % 2 == 1).then_some(listed).into_iter())
    }

    fn effect(&self, _: &SourceRequest) -> Option<Effect> {
        None
    }

    fn prepare<'a>(&'a self, _: SourceRequest, _: &'a ActiveCall) -> CallFuture<'a, Prepared> {
        Box::pin(pending())
    }

    fn send<'a>(&'a self, _: Prepared, _: &'a ActiveCall) -> CallFuture<'a, Answered> {
        Box::pin(pending())
    }
}

#[tokio::test]
async fn changed_list_is_announced_in_both_protocol_eras() {
    let changing = Arc::new(Changing(watch::channel(0).0));
    let service = service(Custom::new()).with_source(Arc::clone(&changing) as Arc<dyn Source>);
    let mut wire = Wire::legacy(service.clone(), json!({})).await;
    // After this answer, the session is ready.
    wire.request("1", "tools/list", json!({})).await;
    let before = wire.answer("1").await["result"]["tools"].as_array().unwrap().len();
    changing.0.send_modify(|version| *version += 1);
    assert_eq!(wire.next().await["method"], "notifications/tools/list_changed");
    wire.request("2", "tools/list", json!({})).await;
    assert_eq!(wire.answer("2").await["result"]["tools"].as_array().unwrap().len(), before + 1);

    let mut wire = Wire::open(service);
    let wanted = json!({ "notifications": { "toolsListChanged": true, "promptsListChanged": true } });
    wire.request("listen", "subscriptions/listen", with_meta(wanted, json!({}))).await;
    let acknowledged = wire.next().await;
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(acknowledged["params"]["notifications"], json!({ "toolsListChanged": true }));
    changing.0.send_modify(|version| *version += 1);
    let changed = wire.next().await;
    assert_eq!(changed["method"], "notifications/tools/list_changed");
    assert_eq!(changed["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], "listen");
}

#[tokio::test]
async fn changed_resource_is_announced_to_its_subscribers() {
    let updates = ResourceUpdates::new();
    let mut wire = Wire::legacy(service(shelf().updates(updates.clone())), json!({})).await;
    for uri in ["shelf://cover", "shelf://books/1"] {
        wire.request("1", "resources/subscribe", json!({ "uri": uri })).await;
        assert_eq!(wire.answer("1").await["result"], json!({}));
    }
    wire.request("2", "resources/unsubscribe", json!({ "uri": "shelf://cover" })).await;
    wire.answer("2").await;
    ["shelf://cover", "shelf://books/2", "shelf://books/1"].into_iter().for_each(|uri| updates.announce(uri));
    let update = wire.next().await;
    assert_eq!(update["method"], "notifications/resources/updated");
    assert_eq!(update["params"]["uri"], "shelf://books/1");

    let mut wire = Wire::open(service(shelf().updates(updates.clone())));
    let wanted = json!({ "notifications": { "resourceSubscriptions": ["shelf://cover"] } });
    wire.request("listen", "subscriptions/listen", with_meta(wanted, json!({}))).await;
    wire.next().await;
    ["shelf://books/1", "shelf://cover"].into_iter().for_each(|uri| updates.announce(uri));
    assert_eq!(wire.next().await["params"]["uri"], "shelf://cover");
}

/// Returns a bookshop whose API receives a request and never answers, and that API.
async fn silent_bookshop() -> (Service, TcpListener) {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", silent.local_addr().unwrap());
    let variables = [("BOOKSHOP_BASE_URL", base.as_str()), ("BOOKSHOP_TOKEN", "secret")];
    let api = Api::new(&bookshop_api::CONNECTOR, Environment::of(variables));
    (Service::new(api, Vec::new()).unwrap(), silent)
}

/// Accepts the connector's request, and returns the connection.
async fn taken(silent: &TcpListener) -> TcpStream {
    let (mut stream, _) = silent.accept().await.unwrap();
    let mut head = [0; 16];
    stream.read_exact(&mut head).await.unwrap();
    stream
}

/// Waits until the connector closes the connection.
async fn closed(mut stream: TcpStream) {
    let mut rest = Vec::new();
    // A reset also counts as closed.
    let _ = stream.read_to_end(&mut rest).await;
}

#[tokio::test]
async fn cancelled_call_over_stdio_closes_the_request_to_the_service() {
    let (service, silent) = silent_bookshop().await;
    let mut wire = Wire::legacy(service, json!({})).await;
    wire.request("1", "tools/call", json!({ "name": "list_books" })).await;
    let stream = taken(&silent).await;
    let params = json!({ "requestId": "1" });
    wire.send(json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params })).await;
    closed(stream).await;
}

#[tokio::test]
async fn closed_http_request_closes_the_request_to_the_service() {
    let (service, silent) = silent_bookshop().await;
    let server = HttpServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap().without_token();
    let url = server.url();
    let address = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/mcp")).unwrap().to_owned();
    tokio::spawn(server.serve(service));
    let params = with_meta(json!({ "name": "list_books" }), json!({}));
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string();
    let mut client = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\nmcp-protocol-version: 2026-07-28\r\n\
         mcp-method: tools/call\r\nmcp-name: list_books\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    client.write_all(head.as_bytes()).await.unwrap();
    let stream = taken(&silent).await;
    drop(client);
    closed(stream).await;
}
