//! The audit of a gateway. Every record has its agent, connector, tool, approval and trace. `usage` sums the records. Unusual activity is
//! reported.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use serde_json::{Value, json};
use support::fake_server::{FakeServer, Reply, hello, tool};
use support::http_gateway::HttpGateway;
use support::{Site, until};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Starts a server whose second tool has a name that clients would not accept.
fn server() -> FakeServer {
    FakeServer::start(|method, _| {
        Some(Reply::Result(match method {
            "initialize" => hello(),
            "tools/list" => json!({ "tools": [tool("look", "Looks."), tool("wipe.all", "Wipes.")] }),
            "tools/call" => json!({ "content": [{ "type": "text", "text": "x".repeat(400) }] }),
            _ => return None,
        }))
    })
}

/// Creates a gateway with a connector of a document, another server, and the agents `ci` and `boss`.
fn site(server: &FakeServer) -> Site {
    let site = Site::of(&format!(
        "listen = \"127.0.0.1:0\"\naudit = \"on\"\n\
         [connectors.shop]\nspec = \"bookshop\"\n\
         [connectors.other]\nurl = \"{}\"\n[connectors.other.effects]\nlook = \"read\"\n\
         [agents.ci]\nconnectors = [\"shop\", \"other\"]\neffects = \"destroy\"\n\
         [agents.boss]\nconnectors = [\"other\"]\neffects = \"read\"\n",
        server.url
    ));
    site.copy_bookshop("bookshop");
    site
}

/// Returns the audit records that match a query.
fn records(site: &Site, query: &[&str]) -> Vec<Value> {
    let (code, text) = site.run(&[&["audit", "query"], query].concat());
    assert_eq!(code, 0, "{text}");
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Starts the gateway, runs `calls`, and ends it, so that every record is written.
fn serve(site: &Site, shop: &FakeServer, options: &[&str], calls: impl FnOnce(&HttpGateway)) {
    let mut command = site.command(&[&["serve"], options].concat());
    command.env("BOOKSHOP_BASE_URL", shop.url.trim_end_matches("/mcp"));
    calls(&HttpGateway::of(&mut command));
}

#[test]
fn audit_record_has_agent_connector_tool_approval_and_trace() {
    let (other, shop) = (server(), server());
    let site = site(&other);
    let ci = site.add_token("ci");
    serve(&site, &shop, &["--ask", "destroy"], |gateway| {
        let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let headers = [("traceparent", parent.as_str()), ("tracestate", "vendor=1")];
        let list = gateway.request(&ci, "tools/list", &json!({})).1;
        let named = |begin: &str| -> String {
            let tools = list["result"]["tools"].as_array().unwrap();
            let name =
                tools.iter().map(|tool| tool["name"].as_str().unwrap()).find(|it| it.starts_with(begin));
            name.unwrap_or_else(|| panic!("{list}")).to_owned()
        };
        other.taken();
        for name in ["other_look", &named("other_wipe"), "shop_list_books"] {
            let params = json!({ "name": name, "arguments": {} });
            gateway.request_with(&ci, &headers, "tools/call", &params);
        }
        let call = other.taken().into_iter().find(|it| it["method"] == "tools/call").unwrap();
        let meta = &call["params"]["_meta"];
        assert_eq!(meta["traceparent"], format!("00-{TRACE}-00f067aa0ba902b7-01"), "{call}");
        assert_eq!(meta["tracestate"], "vendor=1");
        let sent = shop.taken();
        let parents: Vec<&str> = sent.iter().filter_map(|it| it["headers"]["traceparent"].as_str()).collect();
        assert!(parents.len() == 1 && parents[0].contains(TRACE), "{sent:?}");
        // Records of reads are written with a short delay.
        until("both calls are recorded", || {
            records(&site, &["--trace", TRACE, "--event", "ended"]).len() >= 2
        });
    });
    let found = records(&site, &["--trace", TRACE]);
    let of = |connector: &str, tool: &str, event: &str| -> Value {
        let fits = |it: &&Value| it["connector"] == connector && it["tool"] == tool && it["event"] == event;
        found.iter().find(fits).unwrap_or_else(|| panic!("{connector} {tool} {event}: {found:?}")).clone()
    };
    let looked = of("other", "look", "ended");
    assert_eq!((&looked["principal"], &looked["name"]), (&json!("token:ci"), &json!("other_look")));
    assert_eq!((&looked["address"], &looked["outcome"]), (&json!("127.0.0.1"), &json!("done")));
    assert!(looked["bytes"].as_u64().unwrap() >= 400, "{looked}");
    let listed = of("shop", "list_books", "intent");
    assert_eq!((&listed["method"], &listed["path"]), (&json!("GET"), &json!("/books")), "{listed}");
    let waiting = found.iter().find(|it| it["outcome"] == "approval_pending").unwrap();
    assert!(waiting["approval"].as_str().is_some_and(|id| id.len() == 16), "{waiting}");
    // The record has the server's own name of the tool.
    assert_eq!(waiting["path"], "wipe.all", "{waiting}");
    assert_eq!(waiting["connector"], "other");
    let (code, text) = site.run(&["audit", "verify"]);
    assert!(code == 0 && text.contains("unchanged"), "{text}");
}

#[test]
fn usage_sums_calls_and_tokens_of_each_agent_and_connector() {
    let (other, shop) = (server(), server());
    let site = site(&other);
    let (ci, boss) = (site.add_token("ci"), site.add_token("boss"));
    assert!(site.run(&["usage"]).1.contains("there is no audit in"));
    serve(&site, &shop, &["--ask", "never"], |gateway| {
        gateway.tools(&ci);
        gateway.tools(&boss);
        gateway.call(&ci, "other_look");
        gateway.call(&boss, "other_look");
        gateway.call(&boss, "other_look");
        gateway.call(&boss, "shop_list_books");
        // The refused call is recorded last.
        until("all calls are recorded", || {
            !records(&site, &["--event", "refused"]).is_empty()
                && records(&site, &["--event", "ended"]).len() >= 3
        });
    });
    let (code, text) = site.run(&["usage", "--json", "--agent", "boss"]);
    assert_eq!(code, 0, "{text}");
    let usage: Value = serde_json::from_str(&text).unwrap();
    let rows = usage["usage"].as_array().unwrap();
    let row =
        |connector: &str| rows.iter().find(|row| row["connector"] == connector).cloned().unwrap_or_default();
    let own = row("other");
    assert_eq!(
        (&own["agent"], &own["calls"], &own["errors"]),
        (&json!("boss"), &json!(2), &json!(0)),
        "{text}"
    );
    assert!(
        own["reply_tokens"].as_u64().unwrap() >= 200 && own["list_tokens"].as_u64().unwrap() > 10,
        "{text}"
    );
    let refused: u64 = rows.iter().filter_map(|row| row["refused"].as_u64()).sum();
    assert_eq!(refused, 1, "{text}");
    let (code, text) = site.run(&["usage", "--since", "2999-01-01"]);
    assert!(code == 0 && text.contains("there are no calls"), "{text}");
    let (_, text) = site.run(&["usage"]);
    assert!(
        text.starts_with("agent  connector  calls  errors  refused  list tokens  reply tokens\n"),
        "{text}"
    );
    assert!(text.lines().any(|line| line.starts_with("ci ") && line.contains(" shop ")), "{text}");
}

#[test]
fn first_write_and_many_refusals_are_reported_without_blocking_calls() {
    let (other, shop) = (server(), server());
    let site = site(&other);
    let (ci, boss) = (site.add_token("ci"), site.add_token("boss"));
    serve(&site, &shop, &["--ask", "never"], |gateway| {
        let list = gateway.tools(&ci);
        let wipe = list.iter().find(|name| name.starts_with("other_wipe")).unwrap();
        for _ in 0..2 {
            assert_eq!(gateway.call(&ci, wipe)["result"]["isError"], false);
        }
        for _ in 0..25 {
            assert!(gateway.call(&boss, wipe)["error"].is_object());
        }
        assert_eq!(gateway.call(&boss, "other_look")["result"]["isError"], false);
        until("both kinds are reported", || records(&site, &["--event", "unusual"]).len() >= 2);
    });
    let found = records(&site, &["--event", "unusual"]);
    let kinds: Vec<&str> = found.iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["first_write", "refusals"], "{found:?}");
    let (_, text) = site.run(&["usage"]);
    assert!(text.contains(" token:ci writes for the first time: other_wipe_all_"), "{text}");
    assert!(text.contains(" 20 of 20 calls of token:boss within an hour were refused"), "{text}");
    let (code, text) = site.run(&["audit", "verify"]);
    assert!(code == 0 && text.contains("unchanged"), "{text}");
    // The next gateway knows the habits of both agents.
    serve(&site, &shop, &["--ask", "never"], |gateway| {
        let wipe = gateway.tools(&ci).into_iter().find(|name| name.starts_with("other_wipe")).unwrap();
        gateway.call(&ci, &wipe);
    });
    assert_eq!(records(&site, &["--event", "unusual"]).len(), 2);
}
