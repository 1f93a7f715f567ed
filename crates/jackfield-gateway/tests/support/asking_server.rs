//! A server that asks the client a question chosen by the test, in either era. Its results contain the client's answer.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::fake_server::{FakeServer, Reply, tool};

/// The number of questions so far, from which each question gets its own id.
static ASKED: AtomicUsize = AtomicUsize::new(0);

/// The era of revisions that a server or a client uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    Legacy,
    Modern,
}

/// Returns the method and the parameters of a question.
pub(crate) fn question(kind: &str) -> (&'static str, Value) {
    let form = json!({
        "type": "object",
        "properties": {
            // The SDK of the gateway does not support `pattern`, and `x-order` is not a keyword of MCP.
            "name": { "type": "string", "title": "Name", "minLength": 2, "default": "Ada", "pattern": "^[A-Z]", "x-order": [1] },
            "mail": { "type": "string", "format": "email" },
            "colour": { "type": "string", "oneOf": [{ "const": "#f00", "title": "Red" }, { "const": "#00f", "title": "Blue" }] },
            "days": { "type": "array", "maxItems": 2, "items": { "anyOf": [{ "const": "mo", "title": "Monday" }, { "const": "tu", "title": "Tuesday" }] } },
            "count": { "type": "integer", "minimum": 1, "default": 3 },
        },
        "required": ["name"],
    });
    let message = json!({ "role": "user", "content": { "type": "text", "text": "Capital of France?" } });
    match kind {
        "elicitation" => {
            ("elicitation/create", json!({ "mode": "form", "message": "Who?", "requestedSchema": form }))
        }
        "url" => (
            "elicitation/create",
            json!({ "mode": "url", "message": "Log in", "url": "https://a.example/login", "elicitationId": "e1" }),
        ),
        "sampling" => ("sampling/createMessage", json!({ "messages": [message], "maxTokens": 10 })),
        _ => ("roots/list", json!({})),
    }
}

/// Returns a tool result with one text block.
pub(crate) fn text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

/// Starts a server over HTTP with the tool `ask`. Its argument `kind` selects what the server does before it answers.
pub(crate) fn asking_server(era: Era) -> FakeServer {
    FakeServer::start(move |method, message| {
        let is_modern = era == Era::Modern;
        let capabilities = json!({ "tools": {}, "logging": {} });
        Some(match method {
            "server/discover" if is_modern => Reply::Result(json!({
                "resultType": "complete",
                "supportedVersions": ["2026-07-28"],
                "capabilities": capabilities,
                "serverInfo": { "name": "fake", "version": "1" },
            })),
            "server/discover" => Reply::Status(400),
            "initialize" if is_modern => Reply::Status(404),
            "initialize" => Reply::Session(json!({
                "protocolVersion": "2025-11-25",
                "capabilities": capabilities,
                "serverInfo": { "name": "fake", "version": "1" },
            })),
            "tools/list" => Reply::Result(json!({ "tools": [tool("ask", "Asks.")] })),
            "tools/call" => call(era, message),
            _ => return None,
        })
    })
}

fn call(era: Era, message: &Value) -> Reply {
    let params = &message["params"];
    let kind = params["arguments"]["kind"].as_str().unwrap_or_default().to_owned();
    match kind.as_str() {
        "elicitation" | "url" | "sampling" | "roots" if era == Era::Legacy => {
            Reply::Talk(Box::new(move |talk| {
                let (method, asked) = question(&kind);
                let answer =
                    talk.ask(&format!("q-{}", ASKED.fetch_add(1, Ordering::Relaxed)), method, &asked);
                let got = if answer["error"].is_object() { &answer["error"] } else { &answer["result"] };
                talk.finish(&text(&got.to_string()));
            }))
        }
        "elicitation" | "url" | "sampling" | "roots" => match params["inputResponses"]["k"].as_object() {
            Some(answer) if params["requestState"] == "opaque" => {
                Reply::Result(text(&json!(answer).to_string()))
            }
            Some(_) => Reply::Result(text("the state is another")),
            None => {
                let (method, asked) = question(&kind);
                Reply::Result(json!({
                    "resultType": "input_required",
                    "inputRequests": { "k": { "method": method, "params": asked } },
                    "requestState": "opaque",
                }))
            }
        },
        "progress" | "log" => {
            let token = params["_meta"]["progressToken"].clone();
            Reply::Talk(Box::new(move |talk| {
                for step in 1..=3 {
                    let progress = json!({ "progressToken": token, "progress": step, "total": 3 });
                    talk.say(
                        &json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": progress }),
                    );
                    let log = json!({ "level": "info", "logger": "l", "data": { "step": step } });
                    talk.say(&json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": log }));
                }
                talk.finish(&text("done"));
            }))
        }
        "hang" => Reply::Hang,
        "meta" => Reply::Result(text(&params["_meta"].to_string())),
        _ => Reply::Result(text("hello")),
    }
}
