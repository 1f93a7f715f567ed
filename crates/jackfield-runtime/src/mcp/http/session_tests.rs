//! Tests of sessions over HTTP: their calls, streams and end.

use std::sync::Arc;
use std::time::Duration;

use jackfield_recipe::Effect;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt as _, DuplexStream};
use tokio::sync::watch;
use tokio::time::{advance, timeout};

use super::stream_tests::{OWN_TOKEN, TOKEN, World, never};
use crate::call::rows::Connector;
use crate::common::caller::Caller;
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::client_log::LogLevel;
use crate::engine::custom::CustomTool;
use crate::engine::custom_set::Custom;
use crate::engine::policy::Policies;
use crate::engine::policy::permit::{Permission, Permit};
use crate::engine::request::Target;
use crate::engine::service::Service;
use crate::mcp::limits::{HttpLimit, HttpLimits};
use crate::reply::tool_result::ToolResult;

static SHOP: Connector<'static> = Connector::new("shop");

/// Rights that can change, which changes the lists of the caller.
struct Changing(watch::Sender<u64>);

impl Permit for Changing {
    fn decide(&self, _: &Caller, _: Target<'_>, _: Option<&Map<String, Value>>) -> Permission {
        Permission::Allowed
    }

    fn version(&self, _: &Caller) -> u64 {
        *self.0.borrow()
    }

    fn changes(&self) -> Option<watch::Receiver<u64>> {
        Some(self.0.subscribe())
    }
}

/// Starts a server that announces changed lists. The tool `greet` answers, and the tool `never` does not.
fn world(limits: HttpLimits) -> (World, Arc<Changing>) {
    let rights = Arc::new(Changing(watch::Sender::new(0)));
    let api = Api::new(&SHOP, Environment::of::<&str, &str>([]));
    let api = api.with_policies(Policies::none().permit(Arc::<Changing>::clone(&rights)));
    let greet = CustomTool::new("greet", |_| async { Ok(ToolResult::text("good day")) }).effect(Effect::Read);
    let logging = CustomTool::new("logging", |call| async move {
        call.context.log(LogLevel::Info, "half way").await;
        Ok(ToolResult::text("done"))
    });
    let flood = CustomTool::new("flood", |call| async move {
        for _ in 0..1000 {
            call.context.log(LogLevel::Info, "x".repeat(4096)).await;
        }
        Ok(ToolResult::text("done"))
    });
    let tools = vec![greet, logging.effect(Effect::Read), flood.effect(Effect::Read), never()];
    let custom = Custom::new().tools(tools).logs();
    (World::of(Service::new(api, custom).unwrap(), 86_400, limits), rights)
}

/// Opens a session for a client with `capabilities`. Returns the headers for its requests.
async fn opened(world: &World, capabilities: &str) -> String {
    let (stream, head) = asked(world, capabilities).await;
    drop(stream);
    let id = head.lines().find(|line| line.starts_with("mcp-session-id")).expect(&head);
    format!("{id}\r\nmcp-protocol-version: 2025-11-25\r\n")
}

async fn asked(world: &World, capabilities: &str) -> (DuplexStream, String) {
    world.ask("POST /mcp", TOKEN, "", &initialize("2025-11-25", capabilities, "")).await
}

fn initialize(revision: &str, capabilities: &str, more: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":0,"method":"initialize","params":{{"protocolVersion":"{revision}","capabilities":{capabilities},"clientInfo":{{"name":"t","version":"1"}}{more}}}}}"#
    )
}

fn call(id: u64, tool: &str) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": tool, "arguments": {} } })
        .to_string()
}

/// Reads until `text` was received or the stream ends.
async fn read_until(stream: &mut DuplexStream, text: &str) -> String {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(text) {
        match stream.read_u8().await {
            Ok(byte) => read.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(read).unwrap()
}

#[tokio::test(start_paused = true)]
async fn call_in_session_is_answered_with_json_and_can_be_cancelled() {
    let (world, _rights) = world(HttpLimits::default());
    let session = opened(&world, "{}").await;
    let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert!(world.ask("POST /mcp", TOKEN, &session, ready).await.1.starts_with("http/1.1 202 "));
    let (mut stream, head) = world.ask("POST /mcp", TOKEN, &session, &call(1, "greet")).await;
    assert!(head.contains("content-type: application/json"), "{head}");
    assert!(read_until(&mut stream, "}]").await.contains("good day"));
    let never = call(7, "never");
    let waiting = world.ask("POST /mcp", TOKEN, &session, &never);
    let cancelling = async {
        let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#;
        loop {
            let (_stream, head) = world.ask("POST /mcp", TOKEN, &session, cancel).await;
            assert!(head.starts_with("http/1.1 202 "), "{head}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let (mut stream, head) = tokio::select! {
        answer = waiting => answer,
        () = cancelling => unreachable!(),
    };
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    assert!(read_until(&mut stream, "cancelled by the client").await.contains("\"id\":7"));
}

#[tokio::test(start_paused = true)]
async fn call_of_a_client_with_elicitation_is_answered_with_a_stream() {
    let (world, _rights) = world(HttpLimits::default());
    let session = opened(&world, r#"{"elicitation":{}}"#).await;
    for id in 1..3 {
        let (mut stream, head) = world.ask("POST /mcp", TOKEN, &session, &call(id, "greet")).await;
        assert!(head.contains("text/event-stream"), "{head}");
        assert!(read_until(&mut stream, "}]").await.contains("good day"));
    }
    let unknown = r#"{"jsonrpc":"2.0","id":3,"method":"no/such"}"#;
    let (mut stream, head) = world.ask("POST /mcp", TOKEN, &session, unknown).await;
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    assert!(read_until(&mut stream, "-32601").await.contains("\"id\":3"));
    let (_stream, head) = world.ask("DELETE /mcp", TOKEN, &session, "").await;
    assert!(head.starts_with("http/1.1 202 "), "{head}");
    let (_stream, head) = world.ask("POST /mcp", TOKEN, &session, &call(4, "greet")).await;
    assert!(head.starts_with("http/1.1 404 "), "{head}");
}

const CHANGED: &str = "notifications/tools/list_changed";

#[tokio::test(start_paused = true)]
async fn list_changes_are_announced_in_the_newest_stream() {
    let (world, rights) = world(HttpLimits::default());
    let session = opened(&world, "{}").await;
    let listen = async || {
        let (mut stream, head) = world.ask("GET /mcp", TOKEN, &session, "").await;
        assert!(head.starts_with("http/1.1 200 ") && head.contains("text/event-stream"), "{head}");
        read_until(&mut stream, "retry: 3000\n\n").await;
        stream
    };
    // The list changes between `initialize` and the opening of the stream.
    rights.0.send_replace(1);
    let mut first = listen().await;
    assert!(read_until(&mut first, CHANGED).await.contains(CHANGED));
    let mut second = listen().await;
    tokio::task::yield_now().await;
    rights.0.send_replace(2);
    assert!(read_until(&mut second, CHANGED).await.contains(CHANGED));
    drop(second);
    // The first stream gets only comments, and is the newest open stream now.
    tokio::time::sleep(Duration::from_secs(60)).await;
    rights.0.send_replace(3);
    let heard = read_until(&mut first, CHANGED).await;
    assert!(heard.contains(":\n\n") && heard.matches(CHANGED).count() == 1, "{heard}");
    let (_stream, head) = world.ask("DELETE /mcp", TOKEN, &session, "").await;
    assert!(head.starts_with("http/1.1 202 "), "{head}");
    let ended = timeout(Duration::from_secs(5), read_until(&mut first, "\r\n0\r\n\r\n")).await;
    assert!(ended.unwrap().ends_with("\r\n0\r\n\r\n"));
}

#[tokio::test(start_paused = true)]
async fn log_messages_of_a_call_are_sent_in_the_stream_of_its_session() {
    let (world, _rights) = world(HttpLimits::default());
    let session = opened(&world, "{}").await;
    let (mut stream, _head) = world.ask("GET /mcp", TOKEN, &session, "").await;
    read_until(&mut stream, "retry: 3000\n\n").await;
    let level = r#"{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"info"}}"#;
    let (mut set, _head) = world.ask("POST /mcp", TOKEN, &session, level).await;
    assert!(read_until(&mut set, "\"result\":{}").await.contains("\"id\":1"));
    let (mut answer, _head) = world.ask("POST /mcp", TOKEN, &session, &call(2, "logging")).await;
    assert!(read_until(&mut answer, "}]").await.contains("done"));
    let sent = timeout(Duration::from_secs(5), read_until(&mut stream, "half way")).await;
    assert!(sent.unwrap().contains("notifications/message"));
}

#[tokio::test(start_paused = true)]
async fn unread_session_stream_does_not_delay_the_calls_of_its_client() {
    let (world, _rights) = world(HttpLimits::default());
    let session = opened(&world, "{}").await;
    // The test never reads this stream, which has room for 64 KB.
    let (_unread, _head) = world.ask("GET /mcp", TOKEN, &session, "").await;
    let level = r#"{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"info"}}"#;
    let (mut set, _head) = world.ask("POST /mcp", TOKEN, &session, level).await;
    assert!(read_until(&mut set, "\"result\":{}").await.contains("\"id\":1"));
    let flood = call(2, "flood");
    let answered = async {
        let (mut answer, _head) = world.ask("POST /mcp", TOKEN, &session, &flood).await;
        read_until(&mut answer, "}]").await
    };
    assert!(timeout(Duration::from_secs(5), answered).await.unwrap().contains("done"));
}

#[tokio::test(start_paused = true)]
async fn session_of_an_agent_cannot_be_used_with_the_token_of_the_process() {
    let (world, _rights) = world(HttpLimits::default());
    let session = opened(&world, "{}").await;
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    for (line, body) in
        [("POST /mcp", &*call(1, "greet")), ("POST /mcp", ping), ("GET /mcp", ""), ("DELETE /mcp", "")]
    {
        let (_stream, head) = world.ask(line, OWN_TOKEN, &session, body).await;
        assert!(head.starts_with("http/1.1 404 "), "{line} {body}: {head}");
    }
    let (_stream, head) = world.ask("POST /mcp", OWN_TOKEN, "", &call(1, "greet")).await;
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    let (_stream, head) = world.ask("POST /mcp", TOKEN, &session, ping).await;
    assert!(head.starts_with("http/1.1 200 "), "{head}");
}

#[tokio::test(start_paused = true)]
async fn session_opened_in_an_unusual_form_has_the_negotiated_revision() {
    let mut limits = HttpLimits::default();
    limits.set(HttpLimit::Sessions, "1").unwrap();
    let (world, _rights) = world(limits);
    // The SDK refuses a header that contradicts the message, so no session is opened.
    let contradiction = "mcp-protocol-version: 2025-06-18\r\n";
    let open = initialize("2025-11-25", "{}", "");
    let (_stream, head) = world.ask("POST /mcp", TOKEN, contradiction, &open).await;
    assert!(head.starts_with("http/1.1 400 ") && !head.contains("mcp-session-id"), "{head}");
    let open = initialize("2031-01-01", "{}", r#","_meta":{"a":1}"#);
    let (mut stream, head) = world.ask("POST /mcp", TOKEN, "", &open).await;
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    assert!(read_until(&mut stream, "2025-11-25").await.contains("\"protocolVersion\":\"2025-11-25"));
    let id = head.lines().find(|line| line.starts_with("mcp-session-id")).unwrap();
    let session = format!("{id}\r\nmcp-protocol-version: 2025-11-25\r\n");
    // A call that the SDK answers has no members of later revisions.
    let unusual = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"greet","arguments":{},"_meta":{"progressToken":1}}}"#;
    for (body, kind) in [(call(2, "greet"), "application/json"), (unusual.to_owned(), "text/event-stream")] {
        let (mut stream, head) = world.ask("POST /mcp", TOKEN, &session, &body).await;
        assert!(head.starts_with("http/1.1 200 ") && head.contains(kind), "{head}");
        let answer = read_until(&mut stream, "\"isError\":false").await;
        assert!(answer.contains("good day") && !answer.contains("resultType"), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn stream_of_an_unknown_revision_is_refused() {
    let (world, _rights) = world(HttpLimits::default());
    let session = opened(&world, "{}").await;
    let unknown = session.replace("2025-11-25", "2031-01-01");
    let (_stream, head) = world.ask("GET /mcp", TOKEN, &unknown, "").await;
    assert!(head.starts_with("http/1.1 400 "), "{head}");
}

#[tokio::test(start_paused = true)]
async fn idle_session_does_not_count_towards_the_limit() {
    let mut limits = HttpLimits::default();
    limits.set(HttpLimit::Sessions, "1").unwrap();
    let (world, _rights) = world(limits);
    let session = opened(&world, "{}").await;
    let (_stream, head) = asked(&world, "{}").await;
    assert!(head.starts_with("http/1.1 503 "), "{head}");
    advance(Duration::from_secs(301)).await;
    let (_stream, head) = world.ask("POST /mcp", TOKEN, &session, &call(1, "greet")).await;
    assert!(head.starts_with("http/1.1 404 "), "{head}");
    opened(&world, "{}").await;
}
