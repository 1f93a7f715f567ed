//! Servers of revision 2026-07-28: `subscriptions/listen`, and headers that repeat arguments of tools.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use support::asking_server::{Era, asking_server, question};
use support::fake_server::{FakeServer, Reply, tool};
use support::http_gateway::HttpGateway;
use support::{Site, until};

/// The parameters of a `subscriptions/listen` request, and the sender of its stream.
type Listening = (Value, Sender<Value>);

/// Starts a server, and returns the stream of each `subscriptions/listen`. Its tool requires one argument also as a header.
fn newer_server() -> (FakeServer, Arc<Mutex<Vec<Listening>>>) {
    let listening = Arc::<Mutex<Vec<Listening>>>::default();
    let opened = Arc::clone(&listening);
    let server = FakeServer::start(move |method, message| {
        Some(match method {
            "server/discover" => Reply::Result(json!({
                "supportedVersions": ["2026-07-28"],
                "capabilities": { "tools": { "listChanged": true }, "resources": { "subscribe": true } },
            })),
            "initialize" => Reply::Status(404),
            "tools/list" => {
                let mut tool = tool("find", "Finds.");
                tool["inputSchema"]["properties"] =
                    json!({ "region": { "type": "string", "x-mcp-header": "Region" } });
                Reply::Result(json!({ "tools": [tool] }))
            }
            "resources/list" => Reply::Result(json!({ "resources": [{ "uri": "x://1", "name": "one" }] })),
            "resources/templates/list" => Reply::Result(json!({ "resourceTemplates": [] })),
            "subscriptions/listen" => {
                let (opened, params) = (Arc::clone(&opened), message["params"].clone());
                Reply::Talk(Box::new(move |talk| {
                    let (say, said) = channel();
                    opened.lock().unwrap().push((params, say));
                    while said.recv().is_ok_and(|message| talk.say(&message)) {}
                }))
            }
            _ => return None,
        })
    });
    (server, listening)
}

#[test]
fn resource_updates_are_forwarded_to_subscribed_clients() {
    let (server, listening) = newer_server();
    let site = Site::of(&format!("[connectors.far]\nurl = \"{}\"\n", server.url));
    let mut peer = site.serve();
    let subscribed = peer.request("resources/subscribe", &json!({ "uri": "far+x://1" }));
    assert!(subscribed["result"].is_object(), "{subscribed}");
    let is_watched =
        |(params, _): &Listening| params["notifications"]["resourceSubscriptions"] == json!(["x://1"]);
    until("the gateway listens", || listening.lock().unwrap().iter().any(is_watched));
    let (params, say) = listening.lock().unwrap().iter().find(|it| is_watched(it)).cloned().unwrap();
    assert_eq!(params["notifications"]["toolsListChanged"], true);
    assert_eq!(params["_meta"]["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
    for uri in ["x://2", "x://1"] {
        say.send(json!({ "jsonrpc": "2.0", "method": "notifications/resources/updated", "params": { "uri": uri } }))
            .unwrap();
    }
    assert_eq!(peer.hear("notifications/resources/updated")["params"]["uri"], "far+x://1");
    server.taken();
    say.send(json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" })).unwrap();
    until("the list is read again", || server.methods().iter().any(|it| it == "tools/list"));
}

#[test]
fn http_header_that_contradicts_an_argument_of_a_relayed_tool_is_refused() {
    let (server, _listening) = newer_server();
    let site = Site::of(&format!(
        "listen = \"127.0.0.1:0\"\n[connectors.far]\nurl = \"{}\"\n\
         [agents.ann]\nconnectors = [\"far\"]\neffects = \"destroy\"\n",
        server.url
    ));
    let token = format!("Bearer {}", site.add_token("ann"));
    let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "by hand", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let call = |region: Option<&str>| {
        let params = json!({ "name": "far_find", "arguments": { "region": "eu" }, "_meta": meta });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let mut headers = vec![
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", "tools/call"),
            ("mcp-name", "far_find"),
            ("authorization", token.as_str()),
        ];
        headers.extend(region.map(|region| ("mcp-param-region", region)));
        gateway.send("/mcp", &headers, &body)
    };
    server.taken();
    for wrong in [Some("us"), None] {
        let (status, _, answer) = call(wrong);
        assert_eq!((status, &answer["error"]["code"]), (400, &json!(-32020)), "{wrong:?} {answer}");
    }
    assert!(!server.methods().contains(&"tools/call".to_owned()));
    let (status, _, answer) = call(Some("eu"));
    assert_eq!((status, &answer["result"]["content"][0]["text"]), (200, &json!("hello")), "{answer}");
    let called = server.taken().into_iter().find(|it| it["method"] == "tools/call").unwrap();
    assert_eq!(called["headers"]["mcp-param-region"], "eu");
}

#[test]
fn form_with_unknown_keywords_is_passed_unchanged_to_newer_http_clients() {
    for era in [Era::Legacy, Era::Modern] {
        let server = asking_server(era);
        let site = Site::of(&format!(
            "listen = \"127.0.0.1:0\"\n[connectors.far]\nurl = \"{}\"\n\
             [agents.ann]\nconnectors = [\"far\"]\neffects = \"destroy\"\n",
            server.url
        ));
        let ann = site.add_token("ann");
        let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
        let params = json!({ "name": "far_ask", "arguments": { "kind": "elicitation" }, "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "by hand", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} },
        } });
        let (_, asks) = gateway.modern(&ann, "tools/call", &params);
        let requests = asks["result"]["inputRequests"].as_object().unwrap_or_else(|| panic!("{asks}"));
        let asked = requests.values().next().unwrap();
        assert_eq!(asked["params"], question("elicitation").1, "{era:?}");
        let meta = asks["result"]["_meta"].as_object().unwrap();
        assert_eq!(meta.keys().collect::<Vec<_>>(), ["io.modelcontextprotocol/serverInfo"]);
    }
}

#[test]
fn newer_server_that_is_slow_to_start_is_asked_for_its_revision_again() {
    let asked = AtomicUsize::new(0);
    let server = FakeServer::start(move |method, message| {
        Some(match method {
            "server/discover" if asked.fetch_add(1, Ordering::SeqCst) == 0 => Reply::Hang,
            "server/discover" => {
                Reply::Result(json!({ "supportedVersions": ["2026-07-28"], "capabilities": { "tools": {} } }))
            }
            "initialize" => Reply::Message(json!({
                "jsonrpc": "2.0", "id": message["id"],
                "error": { "code": -32022, "message": "the initialize handshake is not accepted" },
            })),
            _ => return None,
        })
    });
    let site = Site::of(&format!("[connectors.far]\nurl = \"{}\"\n", server.url));
    assert_eq!(site.serve().told("far_greet", json!({})), "hello");
}
