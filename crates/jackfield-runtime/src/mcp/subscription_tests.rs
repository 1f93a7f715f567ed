//! Tests of subscriptions to resources, and of the rights of their callers.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
};

use super::serve::serve_streams;
use crate::call::rows::Connector;
use crate::common::caller::Caller;
use crate::common::environment::Environment;
use crate::engine::answer::Answered;
use crate::engine::api::Api;
use crate::engine::context::ActiveCall;
use crate::engine::policy::Policies;
use crate::engine::policy::permit::{Permission, Permit};
use crate::engine::prepared::Prepared;
use crate::engine::request::{SourceRequest, Target, TargetKind};
use crate::engine::resource_updates::ResourceUpdates;
use crate::engine::service::Service;
use crate::engine::source::{CallFuture, Source};
use jackfield_recipe::Effect;

static SHOP: Connector<'static> = Connector::new("shop");

/// A source of resources that change.
struct Shelf(ResourceUpdates);

impl Source for Shelf {
    fn has_resources(&self) -> bool {
        true
    }

    fn updates(&self) -> Option<&ResourceUpdates> {
        Some(&self.0)
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

/// A policy that hides `shelf://hidden`, and hides all resources after a test has withdrawn the rights.
#[derive(Default)]
struct Rights {
    are_withdrawn: AtomicBool,
}

impl Permit for Rights {
    fn decide(&self, _: &Caller, target: Target<'_>, _: Option<&Map<String, Value>>) -> Permission {
        let is_hidden = target.kind == TargetKind::Resource
            && (target.name == "shelf://hidden" || self.are_withdrawn.load(Ordering::SeqCst));
        if is_hidden { Permission::Hidden } else { Permission::Allowed }
    }

    fn version(&self, _: &Caller) -> u64 {
        0
    }
}

struct Client {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    writer: WriteHalf<DuplexStream>,
    updates: ResourceUpdates,
    rights: Arc<Rights>,
}

impl Client {
    fn new() -> Self {
        let (updates, rights) = (ResourceUpdates::new(), Arc::new(Rights::default()));
        let api = Api::new(&SHOP, Environment::of::<&str, &str>([]));
        let api = api.with_policies(Policies::none().permit(Arc::<Rights>::clone(&rights)));
        let service = Service::new(api, Vec::new()).unwrap().with_source(Arc::new(Shelf(updates.clone())));
        let (client, server) = tokio::io::duplex(64 * 1024);
        let (input, output) = tokio::io::split(server);
        tokio::spawn(serve_streams(service, input, output));
        let (reader, writer) = tokio::io::split(client);
        Self { lines: BufReader::new(reader).lines(), writer, updates, rights }
    }

    /// Connects a client of a revision with a handshake.
    async fn legacy() -> Self {
        let mut client = Self::new();
        let client_info = json!({ "name": "t", "version": "1" });
        let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client_info });
        client.ask("initialize", hello).await;
        client.send(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        client.ask("ping", json!({})).await;
        client
    }

    async fn send(&mut self, message: Value) {
        self.writer.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    async fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next_line().await.unwrap().unwrap()).unwrap()
    }

    /// Sends a request, and returns the response, which has to be the next message.
    async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.send(json!({ "jsonrpc": "2.0", "id": method, "method": method, "params": params })).await;
        let answer = self.next().await;
        assert_eq!(answer["id"], method, "{answer}");
        answer
    }

    async fn subscribe(&mut self, uri: &str) -> Value {
        self.ask("resources/subscribe", json!({ "uri": uri })).await
    }
}

#[tokio::test]
async fn subscription_to_a_hidden_resource_is_refused_like_an_unknown_resource() {
    let mut client = Client::legacy().await;
    assert_eq!(client.subscribe("shelf://cover").await["result"], json!({}));
    let refused = client.subscribe("shelf://hidden").await;
    assert_eq!(refused["error"]["code"], -32002, "{refused}");
    assert_eq!(refused["error"]["data"]["uri"], "shelf://hidden", "{refused}");
    client.updates.announce("shelf://hidden");
    client.updates.announce("shelf://cover");
    assert_eq!(client.next().await["params"]["uri"], "shelf://cover");
}

#[tokio::test]
async fn subscriber_whose_rights_were_removed_gets_no_more_updates() {
    let mut client = Client::legacy().await;
    client.subscribe("shelf://cover").await;
    client.rights.are_withdrawn.store(true, Ordering::SeqCst);
    client.updates.announce("shelf://cover");
    // Announcements are sent in order, so an announcement of the hidden resource would arrive before the answer.
    for _ in 0..10 {
        client.ask("ping", json!({})).await;
    }
}

#[tokio::test]
async fn subscription_to_a_uri_that_is_too_long_is_refused() {
    let mut client = Client::legacy().await;
    let uri = format!("shelf://{}", "x".repeat(2048 - 8));
    assert_eq!(client.subscribe(&uri).await["result"], json!({}));
    let refused = client.subscribe(&format!("{uri}x")).await;
    assert!(refused["error"]["message"].as_str().unwrap().contains("2048"), "{refused}");
}

#[tokio::test]
async fn changes_of_hidden_resources_are_not_announced() {
    let mut client = Client::new();
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { "name": "t", "version": "1" },
    });
    let wanted = json!({ "resourceSubscriptions": ["shelf://hidden", "shelf://cover"] });
    let params = json!({ "notifications": wanted, "_meta": meta });
    let listen = json!({ "jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params });
    client.send(listen).await;
    let acknowledged = client.next().await;
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged", "{acknowledged}");
    client.updates.announce("shelf://hidden");
    client.updates.announce("shelf://cover");
    assert_eq!(client.next().await["params"]["uri"], "shelf://cover");
}
