//! Third-party servers (tests/mcp_servers) give the same results directly and through the gateway.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::process::Command;

use serde_json::{Value, json};
use support::{Peer, Site, are_servers_installed, servers, until};

/// Returns the command of a server, for gateway.toml.
fn command(server: &str, more: &[&str]) -> Vec<String> {
    let folder = servers();
    let mut words = match server {
        "time" => vec![folder.join("venv/bin/mcp-server-time").display().to_string()],
        _ => {
            let file =
                folder.join(format!("node_modules/@modelcontextprotocol/server-{server}/dist/index.js"));
            vec!["node".to_owned(), file.display().to_string()]
        }
    };
    words.extend(more.iter().map(|word| (*word).to_owned()));
    words
}

/// Returns the capabilities that both clients declare. The gateway declares the same, because some servers list tools only for clients
/// with these capabilities.
fn capabilities() -> Value {
    json!({ "elicitation": { "form": {}, "url": {} }, "sampling": { "tools": {} }, "roots": {} })
}

/// Two connections to a server: directly, and through the gateway.
struct Pair {
    name: &'static str,
    direct: Peer,
    through: Peer,
    _site: Site,
}

impl Pair {
    fn of(name: &'static str, more: &[&str]) -> Self {
        let words = command(name, more);
        let site = Site::of(&format!("[connectors.{name}]\ncommand = {}\ntimeout = 60\n", json!(words)));
        let mut direct = Command::new(&words[0]);
        direct.args(&words[1..]).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let direct = Peer::start_with(&mut direct, &capabilities());
        let through =
            Peer::start_with(&mut site.command(&["serve", "--stdio", "--ask", "never"]), &capabilities());
        Self { name, direct, through, _site: site }
    }

    /// Returns each tool of the direct list with the same tool of the gateway's list.
    fn tools(&mut self) -> Vec<(Value, Value)> {
        let list = |peer: &mut Peer| {
            peer.request("tools/list", &json!({}))["result"]["tools"].as_array().unwrap().clone()
        };
        let (direct, through) = (list(&mut self.direct), list(&mut self.through));
        assert_eq!(direct.len(), through.len());
        direct.into_iter().zip(through).collect()
    }

    /// Calls a tool directly and through the gateway, and compares the whole results.
    fn compare(&mut self, tool: &str, arguments: &Value) {
        let direct = self.direct.request("tools/call", &json!({ "name": tool, "arguments": arguments }));
        let shown = format!("{}_{tool}", self.name);
        let through = self.through.request("tools/call", &json!({ "name": shown, "arguments": arguments }));
        let mut expected = direct["result"].clone();
        assert!(expected.is_object(), "{tool}: {direct}");
        expected = renamed(self.name, expected);
        // An absent `isError` means false.
        expected["isError"] = json!(expected["isError"].as_bool().unwrap_or(false));
        assert_eq!(numbers(through["result"].clone()), expected, "{tool}");
    }

    /// Sends a request directly and through the gateway. `direct` and `through` contain the names on each side. Compares the results
    /// without the members `drops`.
    fn compare_request(&mut self, method: &str, direct: &Value, through: &Value, drops: &[&str]) {
        let expected = self.direct.request(method, direct);
        let found = self.through.request(method, through);
        let without = |mut result: Value| {
            for member in drops {
                result.as_object_mut().unwrap().remove(*member);
            }
            result
        };
        assert!(expected["result"].is_object(), "{method}: {expected}");
        let expected = without(renamed(self.name, expected["result"].clone()));
        assert_eq!(without(numbers(found["result"].clone())), expected, "{method} {direct}");
    }
}

/// Replaces the URIs of resources by the URIs that clients of the gateway see. Numbers are normalized, so that 1 equals 1.0.
fn renamed(name: &str, value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| {
                let is_address = matches!(key.as_str(), "uri" | "uriTemplate");
                let value = match value {
                    Value::String(uri) if is_address => Value::String(format!("{name}+{uri}")),
                    value => renamed(name, value),
                };
                (key, value)
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(|item| renamed(name, item)).collect(),
        Value::Number(number) => json!(number.as_f64()),
        value => value,
    }
}

/// Normalizes every number of a value.
fn numbers(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key, numbers(value))).collect(),
        Value::Array(items) => items.into_iter().map(numbers).collect(),
        Value::Number(number) => json!(number.as_f64()),
        value => value,
    }
}

/// Compares the tool lists, except for names and annotations, which the gateway sets itself.
fn compare_lists(pair: &mut Pair) {
    let name = pair.name;
    for (direct, through) in pair.tools() {
        assert_eq!(through["name"], format!("{name}_{}", direct["name"].as_str().unwrap()));
        for member in ["description", "inputSchema", "outputSchema", "_meta", "icons"] {
            assert_eq!(through[member], direct[member], "{} {member}", direct["name"]);
        }
        assert_eq!(through["annotations"]["readOnlyHint"], false);
    }
}

#[test]
fn gateway_does_not_change_the_answers_of_the_everything_server() {
    if !are_servers_installed() {
        return;
    }
    let mut pair = Pair::of("everything", &["stdio"]);
    compare_lists(&mut pair);
    for (tool, arguments) in [
        ("echo", json!({ "message": "héllo \u{1f600}" })),
        ("get-sum", json!({ "a": 2, "b": 40.5 })),
        ("get-sum", json!({ "a": "two" })),
        ("get-tiny-image", json!({})),
        ("get-annotated-message", json!({ "messageType": "error", "includeImage": true })),
        ("get-annotated-message", json!({ "messageType": "success" })),
        ("get-resource-links", json!({ "count": 3 })),
        ("get-structured-content", json!({ "location": "New York" })),
    ] {
        pair.compare(tool, &arguments);
    }
    for method in ["resources/list", "resources/templates/list"] {
        pair.compare_request(method, &json!({}), &json!({}), &["nextCursor"]);
    }
    let resources = pair.direct.request("resources/list", &json!({}))["result"]["resources"].clone();
    for resource in resources.as_array().unwrap().iter().take(5) {
        let uri = resource["uri"].as_str().unwrap();
        let through = json!({ "uri": format!("everything+{uri}") });
        pair.compare_request("resources/read", &json!({ "uri": uri }), &through, &[]);
    }
    let prompt = json!({ "name": "args-prompt", "arguments": { "city": "Paris" } });
    let through = json!({ "name": "everything_args-prompt", "arguments": { "city": "Paris" } });
    pair.compare_request("prompts/get", &prompt, &through, &[]);
    let argument = json!({ "name": "department", "value": "E" });
    pair.compare_request(
        "completion/complete",
        &json!({ "ref": { "type": "ref/prompt", "name": "completable-prompt" }, "argument": argument }),
        &json!({ "ref": { "type": "ref/prompt", "name": "everything_completable-prompt" }, "argument": argument }),
        &[],
    );
}

#[test]
fn progress_of_a_long_call_reaches_the_client() {
    if !are_servers_installed() {
        return;
    }
    let mut pair = Pair::of("everything", &["stdio"]);
    let params = json!({
        "name": "everything_trigger-long-running-operation",
        "arguments": { "duration": 0.4, "steps": 4 },
        "_meta": { "progressToken": "mine" },
    });
    let answer = pair.through.request("tools/call", &params);
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    let progress = pair.through.notices.iter().filter(|it| it["method"] == "notifications/progress");
    let done: Vec<f64> = progress.map(|it| it["params"]["progress"].as_f64().unwrap()).collect();
    assert_eq!(done, [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn gateway_does_not_change_the_answers_of_the_filesystem_server() {
    if !are_servers_installed() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let file = |name: &str| root.join(name).display().to_string();
    std::fs::write(file("a.txt"), "one\ntwo\n").unwrap();
    std::fs::write(file("b.png"), [137, 80, 78, 71, 0, 255]).unwrap();
    std::fs::create_dir(file("c")).unwrap();
    let mut pair = Pair::of("filesystem", &[&root.display().to_string()]);
    compare_lists(&mut pair);
    for (tool, arguments) in [
        ("read_text_file", json!({ "path": file("a.txt") })),
        ("read_text_file", json!({ "path": "/etc/hostname" })),
        ("read_media_file", json!({ "path": file("b.png") })),
        ("read_multiple_files", json!({ "paths": [file("a.txt"), file("missing")] })),
        ("list_directory", json!({ "path": root })),
        ("directory_tree", json!({ "path": root })),
        ("search_files", json!({ "path": root, "pattern": "*.txt" })),
        ("get_file_info", json!({ "path": file("a.txt") })),
        ("list_allowed_directories", json!({})),
        ("write_file", json!({ "path": file("d.txt"), "content": "three" })),
        (
            "edit_file",
            json!({ "path": file("a.txt"), "edits": [{ "oldText": "two", "newText": "2" }], "dryRun": true }),
        ),
    ] {
        pair.compare(tool, &arguments);
    }
    assert_eq!(std::fs::read_to_string(file("d.txt")).unwrap(), "three");
}

#[test]
fn gateway_does_not_change_the_answers_of_the_time_and_memory_servers() {
    if !are_servers_installed() {
        return;
    }
    let mut pair = Pair::of("time", &["--local-timezone", "UTC"]);
    compare_lists(&mut pair);
    let times = json!({ "source_timezone": "UTC", "time": "12:30", "target_timezone": "Asia/Tokyo" });
    pair.compare("convert_time", &times);
    pair.compare(
        "convert_time",
        &json!({ "source_timezone": "Nowhere/City", "time": "12:30", "target_timezone": "UTC" }),
    );
    // Each side has its own data file, so both begin empty.
    let mut pair = Pair::of("memory", &[]);
    compare_lists(&mut pair);
    pair.compare("open_nodes", &json!({ "names": ["nobody-of-this-test"] }));
    pair.compare("search_nodes", &json!({ "query": "nobody-of-this-test" }));
}

#[test]
fn gateway_does_not_change_the_answers_of_the_everything_server_over_http() {
    if !are_servers_installed() {
        return;
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let words = command("everything", &["streamableHttp"]);
    let mut server = Command::new(&words[0])
        .args(&words[1..])
        .env("PORT", free.port().to_string())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    until("the server starts", || {
        assert!(server.try_wait().unwrap().is_none(), "the server has ended");
        std::net::TcpStream::connect(free).is_ok()
    });
    let site = Site::of(&format!("[connectors.everything]\nurl = \"http://{free}/mcp\"\n"));
    let through = site.serve();
    let mut direct = Command::new("node");
    let stdio = command("everything", &["stdio"]);
    let direct = Peer::start_with(direct.args(&stdio[1..]), &capabilities());
    let mut pair = Pair { name: "everything", direct, through, _site: site };
    compare_lists(&mut pair);
    pair.compare("echo", &json!({ "message": "over HTTP" }));
    pair.compare("get-tiny-image", &json!({}));
    pair.compare("get-structured-content", &json!({ "location": "Chicago" }));
    drop(pair);
    server.kill().unwrap();
    server.wait().unwrap();
}

/// Calls a tool whose server asks the client, answers the question with `answer`, and returns the question and the text of the result.
fn asked(peer: &mut Peer, tool: &str, arguments: &Value, method: &str, answer: &Value) -> (Value, String) {
    let id = peer.begin("tools/call", &json!({ "name": tool, "arguments": arguments }));
    let question = peer.hear(method);
    peer.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer }));
    let result = peer.answer(id);
    let texts = result["result"]["content"].as_array().unwrap_or_else(|| panic!("{result}"));
    let mut params = question["params"].clone();
    // The gateway adds a progress token to its questions.
    params.as_object_mut().unwrap().remove("_meta");
    (params, texts.iter().map(|block| block["text"].as_str().unwrap_or_default()).collect())
}

#[test]
fn gateway_does_not_change_the_questions_of_the_everything_server() {
    if !are_servers_installed() {
        return;
    }
    let mut pair = Pair::of("everything", &["stdio"]);
    let message = json!({ "role": "assistant", "content": { "type": "text", "text": "Paris" }, "model": "m", "stopReason": "endTurn" });
    for (tool, arguments, method, answer) in [
        (
            "trigger-elicitation-request",
            json!({}),
            "elicitation/create",
            json!({ "action": "accept", "content": { "name": "Ada", "check": true, "integer": 3 } }),
        ),
        ("trigger-elicitation-request", json!({}), "elicitation/create", json!({ "action": "decline" })),
        (
            "trigger-sampling-request",
            json!({ "prompt": "Capital of France?", "maxTokens": 10 }),
            "sampling/createMessage",
            message,
        ),
    ] {
        let direct = asked(&mut pair.direct, tool, &arguments, method, &answer);
        let through = asked(&mut pair.through, &format!("everything_{tool}"), &arguments, method, &answer);
        assert_eq!(through, direct, "{tool}");
    }
}
