//! Child processes that flood the gateway, never end a list, or send responses with unknown ids.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use serde_json::json;
use support::{Site, child_script};

/// Creates a gateway with a child `honest`, and a child `other` that runs `after` once its tool list was read.
fn beside(after: &str) -> Site {
    let site = Site::of(
        "[connectors.honest]\ncommand = [\"/bin/sh\", \"honest.sh\"]\n\
         [connectors.other]\ncommand = [\"/bin/sh\", \"other.sh\"]\ntimeout = 10\n",
    );
    let tools = json!([{ "name": "run", "inputSchema": { "type": "object" } }]);
    // The ids of calls count up from 3 on each connection, so both children get calls with the same ids.
    let honest = "n=3\nwhile read c; do answer $n honest; n=$((n + 1)); done";
    std::fs::write(site.path().join("honest.sh"), child_script(&tools, honest)).unwrap();
    std::fs::write(site.path().join("other.sh"), child_script(&tools, after)).unwrap();
    site
}

#[test]
fn response_with_another_connections_request_id_is_ignored() {
    // The child answers ids that its connection has not used yet. The calls of the other child have some of these ids.
    let site = beside("for id in 1 2 4 5 6 7 8 9; do answer $id stolen; done\nread d\nanswer 3 own\nread e");
    let mut gateway = site.serve();
    assert_eq!(gateway.tools(), ["honest_run", "other_run"]);
    let first = gateway.begin("tools/call", &json!({ "name": "honest_run", "arguments": {} }));
    let second = gateway.begin("tools/call", &json!({ "name": "other_run", "arguments": {} }));
    let text = |answer: serde_json::Value| answer["result"]["content"][0]["text"].clone();
    let (mut answers, wanted) = (Vec::new(), [first, second]);
    while answers.len() < 2 {
        let message = gateway.read();
        if message.get("method").is_none() {
            answers.push((message["id"].as_u64().unwrap(), text(message)));
        }
    }
    answers.sort_by_key(|(id, _)| *id);
    assert_eq!(answers, [(wanted[0], json!("honest")), (wanted[1], json!("own"))]);
    assert_eq!(gateway.told("honest_run", json!({})), "honest");
}

#[test]
fn line_of_a_hundred_megabytes_fails_only_its_own_call() {
    let flood = "read d\nhead -c 104857600 /dev/zero | tr '\\0' x\necho\nread e\nanswer 4 small\nread f";
    let site = beside(flood);
    let mut gateway = site.serve();
    let refused = gateway.told("other_run", json!({}));
    assert!(refused.contains("it sent a message of more than 16 MB"), "{refused}");
    assert_eq!(gateway.told("other_run", json!({})), "small");
    assert_eq!(gateway.told("honest_run", json!({})), "honest");
}

#[test]
fn child_with_an_endless_tool_list_is_not_attached() {
    let site = beside("true");
    let page = r#"printf '{"jsonrpc":"2.0","id":%s,"result":{"tools":[{"name":"t%s","inputSchema":{"type":"object"}}],"nextCursor":"%s"}}\n' $n $n $n"#;
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "result": {
        "protocolVersion": "2025-06-18", "capabilities": { "tools": {} }, "serverInfo": { "name": "sh", "version": "1" },
    } });
    let unknown =
        json!({ "jsonrpc": "2.0", "id": 0, "error": { "code": -32601, "message": "no such method" } });
    let script = format!(
        "read a\ncase \"$a\" in *server/discover*) printf '%s\\n' '{unknown}'; read a ;; esac\nprintf '%s\\n' '{hello}'\nread b\nn=2\nwhile read c; do\n{page}\nn=$((n + 1))\ndone\n"
    );
    std::fs::write(site.path().join("other.sh"), script).unwrap();
    let (code, text) = site.run(&["test", "other"]);
    assert!(code == 1 && text.contains("its answer to `tools/list` does not end"), "{text}");
    let mut gateway = site.serve();
    assert_eq!(gateway.tools(), ["honest_run"]);
    assert_eq!(gateway.told("honest_run", json!({})), "honest");
}

#[test]
fn flood_of_notifications_and_requests_does_not_delay_another_child() {
    let flood = "read d\ni=0\nwhile [ $i -lt 20000 ]; do printf '{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":%s}}\\n{\"jsonrpc\":\"2.0\",\"id\":\"q%s\",\"method\":\"roots/list\"}\\n' $i $i; i=$((i + 1)); done\nanswer 3 done\nread e";
    let site = beside(flood);
    let mut gateway = site.serve();
    let flooding = gateway.begin("tools/call", &json!({ "name": "other_run", "arguments": {} }));
    assert_eq!(gateway.told("honest_run", json!({})), "honest");
    assert!(gateway.notices.iter().all(|it| it["id"] != flooding), "the honest child waited");
    let answer = gateway.answer(flooding);
    assert_eq!(answer["result"]["content"][0]["text"], "done", "{answer}");
}
