//! Servers whose tool lists differ between agents, and questions that are not answered in time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use serde_json::{Value, json};
use support::asking_server::{Era, asking_server};
use support::http_gateway::HttpGateway;
use support::{Peer, Site, child_script, until};

const ANSWERS: &str = "id=3\nwhile read d; do answer $id done; id=$((id + 1)); done";

fn tool(name: &str, text: &str) -> Value {
    json!({ "name": name, "description": text, "inputSchema": { "type": "object" } })
}

/// Creates a gateway with two agents and a program with different tools for the second one.
fn site() -> Site {
    let same = tool("same", "Is the same for everybody.");
    site_with(
        &json!([same, tool("run", "Runs.")]),
        &json!([same, tool("run", "Runs for admins."), tool("admin", "Deletes users.")]),
    )
}

/// Creates a gateway with two agents and a program that lists the tools `later` from its third start on. The gateway itself starts it
/// first; then each agent gets its own process.
fn site_with(first: &Value, later: &Value) -> Site {
    let site = Site::of(
        "listen = \"127.0.0.1:0\"\n[connectors.own]\ncommand = [\"/bin/sh\", \"server.sh\"]\nsessions = \"agent\"\n\
         [agents.ann]\nconnectors = [\"own\"]\neffects = \"destroy\"\n[agents.bob]\nconnectors = [\"own\"]\neffects = \"destroy\"\n",
    );
    for (file, tools) in [("common.sh", first), ("admin.sh", later)] {
        std::fs::write(site.path().join(file), child_script(tools, ANSWERS)).unwrap();
    }
    let choice = "if [ \"$(cat starts 2>/dev/null | wc -l)\" -lt 2 ]; then exec /bin/sh common.sh; fi\nexec /bin/sh admin.sh\n";
    std::fs::write(site.path().join("server.sh"), choice).unwrap();
    site
}

#[test]
fn tools_listed_for_one_agent_do_not_withhold_tools_of_another_agent() {
    let site = site();
    let [ann, bob] = ["ann", "bob"].map(|name| site.add_token(name));
    let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
    let text =
        |answer: &Value| answer["result"]["content"][0]["text"].as_str().unwrap_or_default().to_owned();
    assert_eq!(text(&gateway.call(&ann, "own_run")), "done");
    // For Bob, this tool has another description, which no person has accepted.
    let withheld = gateway.call(&bob, "own_run");
    assert!(withheld["result"]["isError"] == true && text(&withheld).contains("own_run"), "{withheld}");
    assert_eq!(gateway.tools(&bob), ["own_same"]);
    assert_eq!(gateway.tools(&ann), ["own_same", "own_run"]);
    assert_eq!(text(&gateway.call(&ann, "own_run")), "done");
    assert_eq!(text(&gateway.call(&bob, "own_same")), "done");
    let (code, listed) = site.run(&["list"]);
    assert!(code == 0 && listed.contains("2 withheld"), "{listed}");
    let (code, told) = site.run(&["accept", "own", "--yes"]);
    assert!(code == 0 && told.contains("accepted admin, run"), "{told}");
    assert!(told.contains("+ description: \"Runs for admins.\""), "{told}");
    until("Bob gets what was accepted", || gateway.tools(&bob) == ["own_same", "own_run", "own_admin"]);
    assert_eq!(text(&gateway.call(&bob, "own_admin")), "done");
    // For Ann, the server has no such tool.
    assert_eq!(gateway.tools(&ann), ["own_same", "own_run"]);
    let unknown = gateway.call(&ann, "own_admin");
    assert!(unknown["error"]["message"].as_str().unwrap().contains("there is no tool"), "{unknown}");
    let (_, again) = site.run(&["accept", "own", "--yes"]);
    assert!(again.contains("there is nothing to accept"), "{again}");
}

#[test]
fn arguments_in_headers_are_checked_by_the_tool_definition_of_the_agent() {
    let run = |property: Value| {
        let mut run = tool("run", "Runs.");
        run["inputSchema"]["properties"] = json!({ "region": property });
        json!([run])
    };
    let plain = json!({ "type": "string" });
    let site = site_with(&run(json!({ "type": "string", "x-mcp-header": "Region" })), &run(plain));
    let [ann, bob] = ["ann", "bob"].map(|name| site.add_token(name));
    let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
    gateway.call(&ann, "own_run");
    gateway.call(&bob, "own_run");
    let (code, told) = site.run(&["accept", "own", "--yes"]);
    assert!(code == 0, "{told}");
    until("Bob gets what was accepted", || gateway.tools(&bob) == ["own_run"]);
    let call = |token: &str| {
        let params = modern(json!({ "name": "own_run", "arguments": { "region": "eu" } }));
        gateway.modern(token, "tools/call", &params)
    };
    let (status, refused) = call(&ann);
    assert_eq!((status, &refused["error"]["code"]), (400, &json!(-32020)), "{refused}");
    let (status, answer) = call(&bob);
    assert_eq!((status, &answer["result"]["content"][0]["text"]), (200, &json!("done")), "{answer}");
}

/// Returns the parameters of a call by a client of revision 2026-07-28.
fn modern(more: Value) -> Value {
    let mut params = json!({
        "name": "far_ask",
        "arguments": { "kind": "elicitation" },
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "by hand", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} },
        },
    });
    if let (Some(params), Value::Object(more)) = (params.as_object_mut(), more) {
        params.extend(more);
    }
    params
}

#[test]
fn question_is_cancelled_at_its_server_if_the_client_does_not_return() {
    let server = asking_server(Era::Legacy);
    let site = Site::of(&format!("[connectors.far]\nurl = \"{}\"\nanswer_timeout = 1\n", server.url));
    let mut peer = Peer::ungreeted(&mut site.command(&["serve", "--stdio", "--ask", "never"]));
    let asks = peer.request("tools/call", &modern(json!({})));
    assert_eq!(asks["result"]["resultType"], "input_required", "{asks}");
    let mut told = Vec::new();
    until("the server is told that nobody answers", || {
        told.extend(server.taken());
        told.iter().any(|it| it["result"] == json!({ "action": "cancel" }))
    });
    let (key, _) = asks["result"]["inputRequests"].as_object().unwrap().iter().next().unwrap();
    let late = peer.request(
        "tools/call",
        &modern(json!({
            "inputResponses": { key: { "action": "accept", "content": { "name": "Bob" } } },
            "requestState": asks["result"]["requestState"],
        })),
    );
    let why = late["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{late}"));
    assert!(why.contains("its question was not answered in time"), "{why}");
}

#[test]
fn unanswered_question_is_cancelled_and_its_call_continues() {
    let server = asking_server(Era::Legacy);
    let site = Site::of(&format!("[connectors.far]\nurl = \"{}\"\nanswer_timeout = 1\n", server.url));
    let mut command = site.command(&["serve", "--stdio", "--ask", "never"]);
    let mut peer = Peer::start_with(&mut command, &json!({ "elicitation": {} }));
    let call =
        peer.begin("tools/call", &json!({ "name": "far_ask", "arguments": { "kind": "elicitation" } }));
    peer.hear("elicitation/create");
    let answer = peer.answer(call);
    assert_eq!(answer["result"]["content"][0]["text"], json!({ "action": "cancel" }).to_string());
}
