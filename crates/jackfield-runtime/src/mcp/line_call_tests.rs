//! Tests of calls over a pair of streams that are answered without the SDK.

use std::collections::BTreeSet;
use std::future::pending;

use jackfield_recipe::Effect;
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
};
use tokio::sync::mpsc;

use super::serve::serve_streams;
use crate::call::rows::Connector;
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::custom::CustomTool;
use crate::engine::service::Service;
use crate::reply::tool_result::ToolResult;

static SHOP: Connector<'static> = Connector::new("shop");

/// A client of the tools `greet`, `later` and `never`.
struct Client {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    writer: WriteHalf<DuplexStream>,
    /// Permits `later` to continue.
    go: mpsc::Sender<()>,
    /// Gets a value when a call of `never` has begun, and its end when the call was dropped.
    never: mpsc::Receiver<mpsc::Receiver<()>>,
}

impl Client {
    /// Connects a client with `capabilities`.
    async fn new(capabilities: Value) -> Self {
        let (begun, never) = mpsc::channel(1);
        let (go, may_go) = mpsc::channel(1);
        let may_go = std::sync::Arc::new(tokio::sync::Mutex::new(may_go));
        let tools = vec![
            CustomTool::new("greet", |_| async { Ok(ToolResult::text("good day")) }).effect(Effect::Read),
            CustomTool::new("later", move |_| {
                let may_go = may_go.clone();
                async move {
                    may_go.lock().await.recv().await;
                    Ok(ToolResult::text("at last"))
                }
            })
            .effect(Effect::Read),
            CustomTool::new("never", move |_| {
                let begun = begun.clone();
                async move {
                    let (_alive, end) = mpsc::channel(1);
                    let _ = begun.send(end).await;
                    pending().await
                }
            })
            .effect(Effect::Read),
        ];
        let service = Service::new(Api::new(&SHOP, Environment::of::<&str, &str>([])), tools).unwrap();
        let (client, server) = tokio::io::duplex(1 << 20);
        let (input, output) = tokio::io::split(server);
        tokio::spawn(serve_streams(service, input, output));
        let (reader, writer) = tokio::io::split(client);
        let mut client = Self { lines: BufReader::new(reader).lines(), writer, go, never };
        let client_info = json!({ "name": "t", "version": "1" });
        let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": capabilities, "clientInfo": client_info });
        client.request(0, "initialize", hello).await;
        client.next().await;
        client
    }

    async fn send(&mut self, message: Value) {
        self.writer.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    async fn request(&mut self, id: u64, method: &str, params: Value) {
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
    }

    async fn call(&mut self, id: u64, tool: &str) {
        self.request(id, "tools/call", json!({ "name": tool, "arguments": {} })).await;
    }

    async fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next_line().await.unwrap().unwrap()).unwrap()
    }
}

#[tokio::test]
async fn client_without_capabilities_gets_the_answers_of_the_sdk() {
    let mut plain = Client::new(json!({})).await;
    // The SDK answers the calls of a client that can be asked questions.
    let mut by_sdk = Client::new(json!({ "elicitation": {} })).await;
    for params in [
        json!({ "name": "greet", "arguments": {} }),
        json!({ "name": "greet", "_meta": { "a": 1 } }),
        json!({ "name": "greet", "_meta": { "progressToken": 1 } }),
        json!({ "name": "greet", "arguments": { "unknown": 1 } }),
        json!({ "name": "greeting", "arguments": {} }),
        json!({ "name": "greet", "arguments": 1 }),
    ] {
        plain.request(7, "tools/call", params.clone()).await;
        by_sdk.request(7, "tools/call", params.clone()).await;
        assert_eq!(plain.next().await, by_sdk.next().await, "{params}");
    }
}

#[tokio::test]
async fn cancelled_call_over_streams_ends_without_an_answer() {
    for capabilities in [json!({}), json!({ "elicitation": {} })] {
        let mut client = Client::new(capabilities).await;
        client.call(1, "never").await;
        let mut running = client.never.recv().await.unwrap();
        let cancel = json!({ "requestId": 1, "reason": "late" });
        let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel });
        client.send(cancel).await;
        assert!(running.recv().await.is_none());
        client.call(2, "greet").await;
        assert_eq!(client.next().await["id"], 2);
    }
}

#[tokio::test]
async fn call_that_runs_when_the_input_ends_is_answered() {
    for capabilities in [json!({}), json!({ "elicitation": {} })] {
        let mut client = Client::new(capabilities).await;
        client.call(1, "later").await;
        client.writer.shutdown().await.unwrap();
        client.go.send(()).await.unwrap();
        assert_eq!(client.next().await["result"]["content"][0]["text"], "at last");
        assert!(client.lines.next_line().await.unwrap().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn call_is_dropped_some_time_after_the_input_has_ended() {
    let mut client = Client::new(json!({})).await;
    client.call(1, "never").await;
    let mut running = client.never.recv().await.unwrap();
    client.writer.shutdown().await.unwrap();
    assert!(running.recv().await.is_none());
    assert!(client.lines.next_line().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_in_flight_is_answered_once() {
    let mut client = Client::new(json!({})).await;
    for id in 1..=500 {
        client.call(id, "greet").await;
    }
    let mut answered = BTreeSet::new();
    for _ in 1..=500 {
        let answer = client.next().await;
        assert!(answer["id"].as_u64().is_some_and(|id| answered.insert(id)), "{answer}");
    }
    assert_eq!(answered.last(), Some(&500));
}
