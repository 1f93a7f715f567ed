//! Tools that their servers run as tasks, for clients and servers until 2025-11-25 and since 2026-07-28.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::asking_server::{question, text};
use support::fake_server::{FakeServer, Reply, tool};
use support::http_gateway::HttpGateway;
use support::{Peer, Site, until};

/// Starts a server whose tool runs as a task. The task is done after `looks` requests for its state.
fn tasks(is_modern: bool, looks: usize, asks: bool) -> FakeServer {
    let looked = Arc::new(AtomicUsize::new(0));
    FakeServer::start(move |method, message| {
        let capabilities = json!({
            "tools": {},
            "tasks": { "cancel": {}, "requests": { "tools": { "call": {} } } },
            "extensions": { "io.modelcontextprotocol/tasks": {} },
        });
        let result = |result: Value| Some(Reply::Result(result));
        let task = |status: &str| json!({ "taskId": "t1", "status": status, "ttl": 60000, "pollInterval": 200, "pollIntervalMs": 200, "createdAt": "2026-11-30T00:00:00Z", "lastUpdatedAt": "2026-11-30T00:00:00Z" });
        match method {
            "server/discover" if is_modern => {
                result(json!({ "supportedVersions": ["2026-07-28"], "capabilities": capabilities }))
            }
            "initialize" => result(json!({
                "protocolVersion": "2025-11-25", "capabilities": capabilities, "serverInfo": { "name": "f", "version": "1" },
            })),
            "tools/list" => {
                let mut tool = tool("run", "Runs.");
                tool["execution"] = json!({ "taskSupport": "required" });
                result(json!({ "tools": [tool] }))
            }
            "tools/call" if is_modern => {
                let mut created = task("working");
                created["resultType"] = json!("task");
                result(created)
            }
            "tools/call" if message["params"]["task"].is_object() => {
                result(json!({ "task": task("working") }))
            }
            "tools/call" => result(text("it was not called as a task")),
            "tasks/get" => {
                let is_done = looked.fetch_add(1, Ordering::SeqCst) >= looks;
                let mut state = task(match (is_done, asks) {
                    (false, _) => "working",
                    (true, true) => "input_required",
                    (true, false) => "completed",
                });
                if is_done && is_modern {
                    state["result"] = text("done");
                }
                result(state)
            }
            "tasks/result" if asks => Some(Reply::Talk(Box::new(|talk| {
                let (method, asked) = question("elicitation");
                let answer = talk.ask("q", method, &asked);
                talk.finish(&text(&answer["result"].to_string()));
            }))),
            "tasks/result" => result(text("done")),
            _ => None,
        }
    })
}

fn site(server: &FakeServer) -> Site {
    Site::of(&format!("[connectors.far]\nurl = \"{}\"\ntimeout = 5\n", server.url))
}

#[test]
fn task_of_an_older_server_is_followed_to_its_result() {
    let server = tasks(false, 2, false);
    let site = site(&server);
    assert_eq!(site.serve().told("far_run", json!({})), "done");
    let methods = server.methods();
    assert_eq!(methods.iter().filter(|it| *it == "tasks/get").count(), 3, "{methods:?}");
    assert!(!methods.contains(&"tasks/cancel".to_owned()));
}

#[test]
fn question_of_a_task_of_an_older_server_goes_to_the_client_of_the_call() {
    let server = tasks(false, 0, true);
    let site = site(&server);
    let mut peer = Peer::start_with(
        &mut site.command(&["serve", "--stdio", "--ask", "never"]),
        &json!({ "elicitation": {} }),
    );
    let call = peer.begin("tools/call", &json!({ "name": "far_run", "arguments": {} }));
    let asked = peer.hear("elicitation/create");
    peer.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "action": "decline" } }));
    assert_eq!(peer.answer(call)["result"]["content"][0]["text"], json!({ "action": "decline" }).to_string());
}

#[test]
fn timed_out_or_cancelled_task_is_cancelled_at_its_server() {
    let server = tasks(false, usize::MAX, false);
    let site = site(&server);
    let mut peer = site.serve();
    let late = peer.told("far_run", json!({}));
    assert!(late.contains("it has not answered within 5 seconds"), "{late}");
    until("the task is cancelled", || server.methods().iter().any(|it| it == "tasks/cancel"));
    let call = peer.begin("tools/call", &json!({ "name": "far_run", "arguments": {} }));
    until("the task is followed", || server.methods().iter().any(|it| it == "tasks/get"));
    peer.send(
        &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": call } }),
    );
    until("the task is cancelled", || server.methods().iter().any(|it| it == "tasks/cancel"));
}

#[test]
fn task_of_a_newer_server_becomes_a_task_of_its_client() {
    let server = tasks(true, 2, false);
    let site = Site::of(&format!(
        "listen = \"127.0.0.1:0\"\n[connectors.far]\nurl = \"{}\"\n[agents.ann]\nconnectors = [\"far\"]\neffects = \"destroy\"\n",
        server.url
    ));
    let added = site.add_token("ann");
    let token = added.as_str();
    let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "by hand", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": { "extensions": { "io.modelcontextprotocol/tasks": {} } },
    });
    let (_, created) =
        gateway.modern(token, "tools/call", &json!({ "name": "far_run", "arguments": {}, "_meta": meta }));
    assert_eq!(created["result"]["resultType"], "task", "{created}");
    let id = created["result"]["taskId"].clone();
    let began = Instant::now();
    let done = loop {
        let (_, state) = gateway.modern(token, "tasks/get", &json!({ "taskId": id, "_meta": meta }));
        let state = state["result"].clone();
        if state["status"] != "working" {
            break state;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{state}");
    };
    assert_eq!(done["result"]["content"][0]["text"], "done", "{done}");
    let called = server.taken().into_iter().find(|it| it["method"] == "tools/call").unwrap();
    let declared = &called["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"];
    assert!(declared["extensions"]["io.modelcontextprotocol/tasks"].is_object(), "{declared}");
}
