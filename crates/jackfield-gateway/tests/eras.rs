//! The four combinations of clients and servers until 2025-11-25 and since 2026-07-28, and the messages that pass between them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use support::asking_server::{Era, asking_server, question};
use support::fake_server::FakeServer;
use support::{Peer, Site, until};

const CELLS: [(Era, Era); 4] = [
    (Era::Legacy, Era::Legacy),
    (Era::Legacy, Era::Modern),
    (Era::Modern, Era::Legacy),
    (Era::Modern, Era::Modern),
];

/// A client over stdio of a gateway with one server.
struct Client {
    era: Era,
    peer: Peer,
    capabilities: Value,
    _site: Site,
}

fn all() -> Value {
    json!({ "elicitation": { "form": {}, "url": {} }, "sampling": {}, "roots": {} })
}

impl Client {
    fn of(era: Era, server: &FakeServer, capabilities: Value) -> Self {
        Self::with(era, server, capabilities, "")
    }

    fn with(era: Era, server: &FakeServer, capabilities: Value, more: &str) -> Self {
        let site = Site::of(&format!("[connectors.far]\nurl = \"{}\"\n{more}", server.url));
        let mut command = site.command(&["serve", "--stdio", "--ask", "never"]);
        let peer = match era {
            Era::Legacy => Peer::start_with(&mut command, &capabilities),
            Era::Modern => Peer::ungreeted(&mut command),
        };
        Self { era, peer, capabilities, _site: site }
    }

    fn params(&self, kind: &str, more: Value) -> Value {
        let mut params = json!({ "name": "far_ask", "arguments": { "kind": kind } });
        let mut meta = json!({});
        if self.era == Era::Modern {
            meta = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": { "name": "by hand", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": self.capabilities,
            });
        }
        let Value::Object(more) = more else { panic!("no object") };
        for (name, value) in more {
            match name.strip_prefix("meta:") {
                Some(name) => meta[name] = value,
                None => params[name] = value,
            }
        }
        if meta != json!({}) {
            params["_meta"] = meta;
        }
        params
    }

    fn begin(&mut self, kind: &str, more: Value) -> u64 {
        let params = self.params(kind, more);
        self.peer.begin("tools/call", &params)
    }

    /// Calls the tool, and answers the server's question with `answer`. Returns the question and the text of the result.
    fn asked(&mut self, kind: &str, answer: &Value) -> (Value, String) {
        let (method, _) = question(kind);
        let id = self.begin(kind, json!({}));
        if self.era == Era::Legacy {
            let asked = self.peer.hear(method);
            self.peer.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": answer }));
            let result = self.peer.answer(id);
            return (asked["params"].clone(), text_of(&result));
        }
        let asks = self.peer.answer(id);
        assert_eq!(asks["result"]["resultType"], "input_required", "{asks}");
        let (key, asked) = asks["result"]["inputRequests"].as_object().unwrap().iter().next().unwrap();
        assert_eq!(asked["method"], method);
        let more =
            json!({ "inputResponses": { key: answer }, "requestState": asks["result"]["requestState"] });
        let id = self.begin(kind, more);
        let result = self.peer.answer(id);
        (asked["params"].clone(), text_of(&result))
    }
}

fn text_of(answer: &Value) -> String {
    answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[test]
fn questions_of_servers_of_each_protocol_era_reach_clients_of_each_era() {
    for (client, server) in CELLS {
        let server_of_cell = asking_server(server);
        let mut peer = Client::of(client, &server_of_cell, all());
        for (kind, answer) in [
            (
                "elicitation",
                json!({ "action": "accept", "content": { "name": "Bob", "colour": "#00f", "days": ["mo"], "unasked": 1 } }),
            ),
            ("elicitation", json!({ "action": "decline" })),
            ("elicitation", json!({ "action": "cancel" })),
            ("url", json!({ "action": "accept" })),
            (
                "sampling",
                json!({ "role": "assistant", "content": { "type": "text", "text": "Paris" }, "model": "m", "stopReason": "endTurn" }),
            ),
            ("roots", json!({ "roots": [{ "uri": "file:///a", "name": "a" }] })),
        ] {
            let (asked, got) = peer.asked(kind, &answer);
            let expected = question(kind).1;
            let mut shown = if asked.is_null() { json!({}) } else { asked };
            // The gateway adds a progress token to its questions.
            shown.as_object_mut().unwrap().remove("_meta");
            assert_eq!(shown, expected, "{client:?} {server:?} {kind}");
            assert_eq!(serde_json::from_str::<Value>(&got).unwrap(), answer, "{client:?} {server:?} {kind}");
        }
    }
}

#[test]
fn question_is_not_sent_to_a_client_without_the_capability() {
    for (client, server) in CELLS {
        let server_of_cell = asking_server(server);
        let mut peer = Client::of(client, &server_of_cell, json!({ "roots": {} }));
        let id = peer.begin("elicitation", json!({}));
        let answer = peer.peer.answer(id);
        let told = answer.to_string();
        assert!(told.contains("elicitation"), "{client:?} {server:?} {told}");
        match (client, server) {
            // The server gets the error for the missing capability, and this test server repeats it.
            (_, Era::Legacy) => assert!(told.contains("-32601"), "{told}"),
            (Era::Modern, _) => assert_eq!(answer["error"]["code"], -32021, "{told}"),
            (Era::Legacy, _) => assert_eq!(answer["result"]["isError"], true, "{told}"),
        }
        assert!(peer.peer.notices.iter().all(|it| it["method"] != "elicitation/create"));
    }
}

#[test]
fn progress_and_logs_of_a_call_reach_its_client() {
    for (client, server) in CELLS {
        let server_of_cell = asking_server(server);
        let mut peer = Client::of(client, &server_of_cell, all());
        if client == Era::Legacy {
            peer.peer.request("logging/setLevel", &json!({ "level": "info" }));
        }
        let more = json!({ "meta:progressToken": "mine", "meta:io.modelcontextprotocol/logLevel": "info" });
        let id = peer.begin("log", more);
        let answer = peer.peer.answer(id);
        assert_eq!(text_of(&answer), "done");
        let heard = |method: &str| {
            peer.peer.notices.iter().filter(|it| it["method"] == method).cloned().collect::<Vec<_>>()
        };
        let progress = heard("notifications/progress");
        assert_eq!(progress.last().unwrap()["params"]["progress"], 3.0, "{client:?} {server:?}");
        assert!(progress.iter().all(|it| it["params"]["progressToken"] == "mine"));
        let logs: Vec<Value> =
            heard("notifications/message").iter().map(|it| it["params"]["data"]["step"].clone()).collect();
        assert_eq!(logs, [1, 2, 3], "{client:?} {server:?}");
        assert_eq!(heard("notifications/message")[0]["params"]["logger"], "l");
    }
}

#[test]
fn cancelled_call_is_cancelled_at_its_server() {
    for (client, server) in CELLS {
        let server_of_cell = asking_server(server);
        let mut peer = Client::of(client, &server_of_cell, all());
        let id = peer.begin("hang", json!({}));
        until("the call hangs", || server_of_cell.held.load(Ordering::SeqCst) == 1);
        peer.peer.send(
            &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } }),
        );
        until("the call has ended", || server_of_cell.held.load(Ordering::SeqCst) == 0);
        if server == Era::Legacy {
            until("the server is told", || {
                server_of_cell.methods().iter().any(|it| it == "notifications/cancelled")
            });
        }
        let id = peer.begin("", json!({}));
        assert_eq!(text_of(&peer.peer.answer(id)), "hello");
    }
}

#[test]
fn newer_server_receives_the_capabilities_and_trace_of_each_call() {
    let server = asking_server(Era::Modern);
    let mut peer = Client::of(Era::Modern, &server, json!({ "elicitation": {} }));
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let id = peer.begin("meta", json!({ "meta:traceparent": trace }));
    let meta: Value = serde_json::from_str(&text_of(&peer.peer.answer(id))).unwrap();
    assert_eq!(meta["io.modelcontextprotocol/clientCapabilities"], json!({ "elicitation": { "form": {} } }));
    assert_eq!(meta["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
    assert_eq!(meta["traceparent"], trace);
    let call = server.taken().into_iter().rev().find(|it| it["method"] == "tools/call").unwrap();
    for (header, value) in
        [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", "ask")]
    {
        assert_eq!(call["headers"][header], value);
    }
    assert!(call["headers"].get("mcp-session-id").is_none());
}
