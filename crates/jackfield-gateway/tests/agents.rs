//! Agents over HTTP: each agent sees and calls only the tools that gateway.toml permits.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use serde_json::json;
use support::fake_server::{FakeServer, Reply, tool};
use support::http_gateway::HttpGateway;
use support::{Site, until};

/// Starts a server with a tool that reads, a tool that wipes, a resource and a prompt.
fn rich() -> FakeServer {
    FakeServer::start(|method, _| {
        Some(Reply::Result(match method {
            "initialize" => json!({
                "protocolVersion": "2025-06-18",
                "capabilities": { "tools": {}, "resources": {}, "prompts": {} },
                "serverInfo": { "name": "rich", "version": "1" },
            }),
            "tools/list" => json!({ "tools": [tool("look", "Looks."), tool("wipe", "Wipes.")] }),
            "resources/list" => json!({ "resources": [{ "uri": "file:///a", "name": "a" }] }),
            "resources/templates/list" => json!({ "resourceTemplates": [] }),
            "resources/read" => json!({ "contents": [{ "uri": "file:///a", "text": "A" }] }),
            "prompts/list" => json!({ "prompts": [{ "name": "greet" }] }),
            "prompts/get" => {
                json!({ "messages": [{ "role": "user", "content": { "type": "text", "text": "Hi" } }] })
            }
            _ => return None,
        }))
    })
}

#[test]
fn agent_sees_and_calls_only_targets_that_its_rights_permit() {
    let (one, other) = (rich(), rich());
    let connectors = format!(
        "listen = \"127.0.0.1:0\"\n[connectors.one]\nurl = \"{}\"\n[connectors.one.effects]\nlook = \"read\"\n[connectors.other]\nurl = \"{}\"\n",
        one.url, other.url
    );
    let agents = "[agents.reader]\nconnectors = [\"one\"]\neffects = \"read\"\n\
                  [agents.wiper]\nconnectors = [\"one\", \"other\"]\n[[agents.wiper.rule]]\ntools = [\"other_wipe\"]\neffects = \"destroy\"\n";
    let site = Site::of(&format!("{connectors}{agents}"));
    let [reader, wiper, stranger] = ["reader", "wiper", "stranger"].map(|agent| site.add_token(agent));
    let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
    assert_eq!(gateway.request("jft_wrong", "tools/list", &json!({})).0, 401);
    assert_eq!(gateway.tools(&reader), ["one_look"]);
    assert_eq!(gateway.tools(&wiper), ["other_wipe"]);
    assert_eq!(gateway.tools(&stranger), Vec::<String>::new());
    // A target that is not listed cannot be called, read or got. The error is the same as for a target that does not exist.
    for (token, hidden) in
        [(&reader, "one_wipe"), (&reader, "other_look"), (&wiper, "one_look"), (&stranger, "one_look")]
    {
        let refused = gateway.call(token, hidden);
        let expected = format!("there is no tool `{hidden}`");
        assert!(refused["error"]["message"].as_str().unwrap().starts_with(&expected), "{refused}");
    }
    let read = |token: &str, uri: &str| gateway.request(token, "resources/read", &json!({ "uri": uri })).1;
    assert_eq!(read(&reader, "one+file:///a")["result"]["contents"][0]["uri"], "one+file:///a");
    assert!(read(&reader, "other+file:///a")["error"].is_object());
    assert!(read(&wiper, "one+file:///a")["error"].is_object());
    let got = gateway.request(&reader, "prompts/get", &json!({ "name": "one_greet" })).1;
    assert_eq!(got["result"]["messages"][0]["content"]["text"], "Hi");
    assert!(
        gateway.request(&stranger, "prompts/get", &json!({ "name": "one_greet" })).1["error"].is_object()
    );
    for (server, calls) in [(&one, 0), (&other, 0)] {
        assert_eq!(server.methods().iter().filter(|it| *it == "tools/call").count(), calls);
    }
    // The token of a client never reaches a server.
    assert_eq!(gateway.call(&reader, "one_look")["result"]["isError"], false);
    let sent = one.taken();
    assert!(
        !sent.is_empty() && sent.iter().all(|it| it["headers"].get("authorization").is_none()),
        "{sent:?}"
    );
    // A detached agent loses its tools while the gateway runs.
    site.configure(&format!("{connectors}[agents.wiper]\nconnectors = [\"other\"]\neffects = \"read\"\n"));
    let (code, text) = site.run(&["apply"]);
    assert!(code == 0 && text.contains("applied the agents"), "{text}");
    until("both agents have lost their tools", || {
        gateway.tools(&reader).is_empty() && gateway.tools(&wiper).is_empty()
    });
    assert!(gateway.call(&reader, "one_look")["error"].is_object());
}

#[test]
fn revoked_token_is_refused() {
    let server = rich();
    let site = Site::of(&format!(
        "listen = \"127.0.0.1:0\"\n[connectors.one]\nurl = \"{}\"\n[agents.ci]\nconnectors = [\"one\"]\neffects = \"destroy\"\n",
        server.url
    ));
    let ci = site.add_token("ci");
    let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
    assert_eq!(gateway.tools(&ci), ["one_look", "one_wipe"]);
    assert_eq!(site.run(&["token", "revoke", "ci"]).0, 0);
    assert_eq!(gateway.request(&ci, "tools/list", &json!({})).0, 401);
}

#[test]
fn calls_are_recorded_with_the_names_that_clients_see() {
    let server = rich();
    let site = Site::of(&format!(
        "listen = \"127.0.0.1:0\"\naudit = \"on\"\n[connectors.one]\nurl = \"{}\"\n[agents.ci]\nconnectors = [\"one\"]\neffects = \"destroy\"\n",
        server.url
    ));
    let ci = site.add_token("ci");
    let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
    gateway.call(&ci, "one_wipe");
    let (code, text) = site.run(&["audit", "query", "--principal", "token:ci"]);
    assert!(code == 0 && text.contains("one_wipe") && text.contains("done"), "{text}");
    let (code, text) = site.run(&["rights", "check", "token:ci"]);
    assert!(code == 0 && text.contains("one_wipe") && text.contains("allowed"), "{text}");
}

#[test]
fn second_gateway_toml_cannot_replace_the_agents_in_a_shared_state_folder() {
    let server = rich();
    let config = |agent: &str| {
        format!(
            "[connectors.one]\nurl = \"{}\"\n[agents.{agent}]\nconnectors = [\"one\"]\neffects = \"destroy\"\n",
            server.url
        )
    };
    let site = Site::of(&config("ci"));
    assert_eq!(site.run(&["apply"]).0, 0);
    let second = site.path().join("second.toml");
    std::fs::write(&second, format!("store = \"state\"\n{}", config("thief"))).unwrap();
    for words in [&["apply"][..], &["serve", "--stdio"], &["accept", "one", "--yes"]] {
        let (code, text) = site.run(&[&["--config", "second.toml"], words].concat());
        assert!(code != 0 && text.contains("gateway.toml uses the state in"), "{text}");
        assert!(text.contains("add `store = \"FOLDER\"` to") && text.contains("second.toml"), "{text}");
    }
    let (code, text) = site.run(&["apply"]);
    assert!(code == 0 && text.contains("are in force already"), "{text}");
    // The second file is accepted if it has its own `store`.
    std::fs::write(&second, format!("store = \"other\"\n{}", config("thief"))).unwrap();
    assert_eq!(site.run(&["--config", "second.toml", "apply"]).0, 0);
    // A gateway.toml that was renamed keeps its store.
    std::fs::rename(site.path().join("gateway.toml"), site.path().join("moved.toml")).unwrap();
    let (code, text) = site.run(&["--config", "moved.toml", "apply"]);
    assert!(code == 0 && text.contains("are in force already"), "{text}");
}

#[test]
fn call_is_permitted_only_if_its_arguments_satisfy_the_cel_condition() {
    let server = rich();
    let site = Site::of(&format!(
        "listen = \"127.0.0.1:0\"\n[connectors.one]\nurl = \"{}\"\n[agents.ci]\nconnectors = [\"one\"]\n\
         [[agents.ci.rule]]\neffects = \"destroy\"\ntools = [\"one_wipe\"]\nwhen = \"arguments.count <= 3 && tool == 'one_wipe'\"\n",
        server.url
    ));
    let ci = site.add_token("ci");
    let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
    assert_eq!(gateway.tools(&ci), ["one_wipe"]);
    let call = |arguments: serde_json::Value| {
        gateway.request(&ci, "tools/call", &json!({ "name": "one_wipe", "arguments": arguments })).1
    };
    assert_eq!(call(json!({ "count": 3 }))["result"]["isError"], false);
    let refused = call(json!({ "count": 4 })).to_string();
    assert!(refused.contains("`arguments.count <= 3 && tool == 'one_wipe'` does not hold"), "{refused}");
    let refused = call(json!({})).to_string();
    assert!(refused.contains("cannot be evaluated: No such key: count"), "{refused}");
    site.configure("[connectors.one]\ncommand = \"true\"\n[agents.ci]\nconnectors = [\"one\"]\n[[agents.ci.rule]]\neffects = \"read\"\nwhen = \"argments.a == 1\"\n");
    let (code, text) = site.run(&["check"]);
    assert!(
        code == 2
            && text.contains(
                "gateway.toml:8:1: a condition has no variable `argments`; did you mean `arguments`?"
            ),
        "{text}"
    );
}
