//! Servers and clients that misuse questions such as elicitations. Each affects only its own calls, and memory and time stay bounded.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use serde_json::{Value, json};
use support::asking_server::{Era, asking_server, question, text};
use support::fake_server::{FakeServer, Reply, hello, tool};
use support::http_gateway::HttpGateway;
use support::{Peer, Site};

fn forms() -> Value {
    json!({ "elicitation": {} })
}

/// Returns the parameters of a call by a client of revision 2026-07-28.
fn modern(kind: &str) -> Value {
    json!({
        "name": "far_ask",
        "arguments": { "kind": kind },
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "by hand", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": forms(),
        },
    })
}

/// Returns the parameters of the call that answers the question in the `input_required` result `asks`.
fn returned(kind: &str, asks: &Value, answer: &Value) -> Value {
    let (key, _) = asks["result"]["inputRequests"]
        .as_object()
        .unwrap_or_else(|| panic!("{asks}"))
        .iter()
        .next()
        .unwrap();
    let mut params = modern(kind);
    params["inputResponses"] = json!({ key: answer });
    params["requestState"] = asks["result"]["requestState"].clone();
    params
}

fn accepted() -> Value {
    json!({ "action": "accept", "content": { "name": "Bob" } })
}

fn site(server: &FakeServer) -> Site {
    Site::of(&format!("[connectors.far]\nurl = \"{}\"\n", server.url))
}

fn text_of(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}"))
}

/// Starts a server with a tool whose calls are handled by `talk`.
fn talking(talk: impl Fn(&mut support::fake_server::Talk) + Send + Sync + Clone + 'static) -> FakeServer {
    FakeServer::start(move |method, _| match method {
        "initialize" => Some(Reply::Session(hello())),
        "tools/list" => Some(Reply::Result(json!({ "tools": [tool("ask", "Asks.")] }))),
        "tools/call" => {
            let talk = talk.clone();
            Some(Reply::Talk(Box::new(move |said| talk(said))))
        }
        _ => None,
    })
}

#[test]
fn continuing_a_call_twice_or_with_other_arguments_is_refused() {
    for era in [Era::Legacy, Era::Modern] {
        let server = asking_server(era);
        let site = site(&server);
        let mut peer = Peer::ungreeted(&mut site.command(&["serve", "--stdio", "--ask", "never"]));
        let asks = peer.request("tools/call", &modern("elicitation"));
        let other = peer.request("tools/call", &returned("roots", &asks, &accepted()));
        let refused = other["error"]["message"].as_str().unwrap_or_else(|| panic!("{other}"));
        assert!(refused.contains("was not made for this request"), "{refused}");
        let params = returned("elicitation", &asks, &accepted());
        let first = peer.request("tools/call", &params);
        assert_eq!(serde_json::from_str::<Value>(text_of(&first)).unwrap(), accepted(), "{era:?}");
        let second = peer.request("tools/call", &params);
        let refused = second["error"]["message"].as_str().unwrap_or_else(|| panic!("{second}"));
        assert!(refused.contains("was used before"), "{refused}");
    }
}

#[test]
fn number_of_calls_that_wait_for_answers_of_one_client_is_bounded() {
    let server = asking_server(Era::Legacy);
    let site = site(&server);
    let mut peer = Peer::ungreeted(&mut site.command(&["serve", "--stdio", "--ask", "never"]));
    for _ in 0..16 {
        let asks = peer.request("tools/call", &modern("elicitation"));
        assert_eq!(asks["result"]["resultType"], "input_required", "{asks}");
    }
    // The limit of parked calls is reached, so the question of one more call is cancelled.
    let full = peer.request("tools/call", &modern("elicitation"));
    assert_eq!(text_of(&full), json!({ "action": "cancel" }).to_string());
    assert_eq!(text_of(&peer.request("tools/call", &modern(""))), "hello");
}

#[test]
fn client_that_repeats_a_call_without_an_answer_is_asked_again() {
    for era in [Era::Legacy, Era::Modern] {
        let server = asking_server(era);
        let site = site(&server);
        let mut peer = Peer::ungreeted(&mut site.command(&["serve", "--stdio", "--ask", "never"]));
        let asks = peer.request("tools/call", &modern("elicitation"));
        let mut params = modern("elicitation");
        params["requestState"] = asks["result"]["requestState"].clone();
        let again = peer.request("tools/call", &params);
        assert_eq!(again["result"]["inputRequests"], asks["result"]["inputRequests"], "{era:?}");
        let done = peer.request("tools/call", &returned("elicitation", &again, &accepted()));
        assert_eq!(serde_json::from_str::<Value>(text_of(&done)).unwrap(), accepted(), "{era:?}");
    }
}

#[test]
fn call_cannot_be_continued_by_another_agent() {
    for era in [Era::Legacy, Era::Modern] {
        let server = asking_server(era);
        let site = Site::of(&format!(
            "listen = \"127.0.0.1:0\"\n[connectors.far]\nurl = \"{}\"\n[agents.ann]\nconnectors = [\"far\"]\neffects = \"destroy\"\n\
             [agents.bob]\nconnectors = [\"far\"]\neffects = \"destroy\"\n",
            server.url
        ));
        let (ann, bob) = (site.add_token("ann"), site.add_token("bob"));
        let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
        let (_, asks) = gateway.modern(&ann, "tools/call", &modern("elicitation"));
        let params = returned("elicitation", &asks, &accepted());
        let (_, stolen) = gateway.modern(&bob, "tools/call", &params);
        let refused = stolen["error"]["message"].as_str().unwrap_or_else(|| panic!("{stolen}"));
        assert!(refused.contains("was not made for this request"), "{refused}");
        let (_, own) = gateway.modern(&ann, "tools/call", &params);
        assert_eq!(serde_json::from_str::<Value>(text_of(&own)).unwrap(), accepted(), "{era:?}");
    }
}

#[test]
fn call_ends_normally_after_its_questions_beyond_the_limit_are_refused() {
    let server = talking(|talk| {
        let (method, asked) = question("elicitation");
        let refused = (0..40).map(|at| talk.ask(&at.to_string(), method, &asked)["error"]["message"].clone());
        let refused: Vec<Value> = refused.filter(Value::is_string).collect();
        talk.finish(&text(&format!("{} refused: {}", refused.len(), refused[0])));
    });
    let site = site(&server);
    let mut peer = Peer::start_with(&mut site.command(&["serve", "--stdio", "--ask", "never"]), &forms());
    let call = peer.begin("tools/call", &json!({ "name": "far_ask", "arguments": {} }));
    for _ in 0..16 {
        let asked = peer.hear("elicitation/create");
        peer.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "action": "decline" } }));
    }
    let told = peer.answer(call);
    assert!(
        text_of(&told).starts_with("24 refused: \"this call has asked too many questions (limit 16)"),
        "{told}"
    );
}

#[test]
fn call_fails_if_a_newer_server_never_stops_asking() {
    let server = FakeServer::start(|method, _| {
        let asks = json!({ "resultType": "input_required", "requestState": "again" });
        match method {
            "server/discover" => Some(Reply::Result(
                json!({ "supportedVersions": ["2026-07-28"], "capabilities": { "tools": {} } }),
            )),
            "tools/list" => Some(Reply::Result(json!({ "tools": [tool("ask", "Asks.")] }))),
            "tools/call" => Some(Reply::Result(asks)),
            _ => None,
        }
    });
    let site = site(&server);
    let told = site.serve().told("far_ask", json!({}));
    assert!(told.contains("it asks in more than 16 rounds"), "{told}");
    assert!(server.methods().iter().filter(|it| *it == "tools/call").count() <= 17);
}

#[test]
fn question_after_the_result_or_with_a_repeated_id_is_refused() {
    let server = talking(|talk| {
        let (method, asked) = question("elicitation");
        let question = json!({ "jsonrpc": "2.0", "id": "twice", "method": method, "params": asked });
        talk.say(&question);
        talk.say(&question);
        // The error and the answer of the user are sent by different tasks, so either can be first.
        let answers = [talk.answer_to("twice"), talk.answer_to("twice")];
        let refused = answers.iter().find(|it| it.get("error").is_some()).expect("one question is refused");
        let answered =
            answers.iter().find(|it| it.get("result").is_some()).expect("one question is answered");
        talk.finish(&text(&format!("{} {}", refused["error"]["code"], answered["result"]["action"])));
        talk.say(&json!({ "jsonrpc": "2.0", "id": "late", "method": method, "params": asked }));
    });
    let site = site(&server);
    let mut peer = Peer::start_with(&mut site.command(&["serve", "--stdio", "--ask", "never"]), &forms());
    let call = peer.begin("tools/call", &json!({ "name": "far_ask", "arguments": {} }));
    let asked = peer.hear("elicitation/create");
    peer.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "action": "decline" } }));
    assert_eq!(text_of(&peer.answer(call)), "-32600 \"decline\"");
    assert_eq!(peer.request("ping", &json!({}))["result"], json!({}));
    assert!(peer.notices.iter().all(|it| it["method"] != "elicitation/create"));
}

#[test]
fn log_flood_does_not_extend_the_timeout_of_a_call() {
    let server = talking(|talk| {
        let log = json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": "error", "data": "x" } });
        while talk.say(&log) {}
    });
    let site = Site::of(&format!("[connectors.far]\nurl = \"{}\"\ntimeout = 1\n", server.url));
    let told = site.serve().told("far_ask", json!({}));
    assert!(told.contains("it has not answered within 1 seconds"), "{told}");
}

#[test]
fn call_continues_after_the_server_cancels_its_elicitation() {
    let server = talking(|talk| {
        let (method, asked) = question("elicitation");
        talk.say(&json!({ "jsonrpc": "2.0", "id": "q", "method": method, "params": asked }));
        talk.say(
            &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": "q" } }),
        );
        talk.finish(&text("without an answer"));
    });
    let site = site(&server);
    let mut peer = Peer::start_with(&mut site.command(&["serve", "--stdio", "--ask", "never"]), &forms());
    assert_eq!(peer.told("far_ask", json!({})), "without an answer");
}
