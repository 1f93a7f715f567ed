//! Clients that lie about their identity or origin. Each gets only the rights of its own token, and servers get none of the forged
//! headers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use serde_json::{Value, json};
use support::Site;
use support::fake_server::{FakeServer, Reply, tool};
use support::http_gateway::HttpGateway;

/// A gateway with one server. The agent `reader` may call the tool `look`; the agent `wiper` may also call `wipe`.
struct House {
    server: FakeServer,
    gateway: HttpGateway,
    reader: String,
    wiper: String,
    _site: Site,
}

const LEGACY: (&str, &str) = ("mcp-protocol-version", "2025-11-25");
const MODERN: (&str, &str) = ("mcp-protocol-version", "2026-07-28");

impl House {
    fn new() -> Self {
        let server = FakeServer::start(|method, _| match method {
            "tools/list" => {
                Some(Reply::Result(json!({ "tools": [tool("look", "Looks."), tool("wipe", "Wipes.")] })))
            }
            _ => None,
        });
        let site = Site::of(&format!(
            "listen = \"127.0.0.1:0\"\n[connectors.one]\nurl = \"{}\"\n[connectors.one.effects]\nlook = \"read\"\n\
             [agents.reader]\nconnectors = [\"one\"]\neffects = \"read\"\n\
             [agents.wiper]\nconnectors = [\"one\"]\neffects = \"destroy\"\n",
            server.url
        ));
        let [reader, wiper] = ["reader", "wiper"].map(|agent| site.add_token(agent));
        let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
        assert_eq!(gateway.tools(&reader), ["one_look"]);
        assert_eq!(gateway.tools(&wiper), ["one_look", "one_wipe"]);
        server.taken();
        Self { server, gateway, reader, wiper, _site: site }
    }

    /// Sends a request of revision 2026-07-28 with these headers.
    fn modern(&self, method: &str, params: Value, headers: &[(&str, &str)]) -> (u16, Value) {
        let mut params = params;
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let bearer = format!("Bearer {}", self.wiper);
        let headers = [&[("authorization", bearer.as_str())], headers].concat();
        let (status, _, answer) = self.gateway.send("/mcp", &headers, &body);
        (status, answer)
    }

    fn calls(&self) -> usize {
        self.server.methods().iter().filter(|method| *method == "tools/call").count()
    }
}

fn list() -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} })
}

fn call(tool: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": {} } })
}

#[test]
fn proxy_headers_do_not_change_the_caller_and_are_not_forwarded() {
    let house = House::new();
    let bearer = format!("Bearer {}", house.reader);
    let spoofed = [
        ("forwarded", "for=127.0.0.1;host=localhost;proto=https"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "localhost"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-user", "wiper"),
        ("x-real-ip", "127.0.0.1"),
        ("x-remote-user", "wiper"),
        ("remote-user", "wiper"),
        ("x-agent", "wiper"),
        ("cookie", "agent=wiper"),
        ("mcp-session-id", "1"),
    ];
    // Without a token, the request is refused whatever the headers are.
    for header in spoofed {
        let (status, _, answer) = house.gateway.send("/mcp", &[LEGACY, header], &list());
        assert_eq!(status, 401, "{header:?} {answer}");
    }
    // With a token, each request has the rights of the token, whatever the headers are.
    for header in spoofed.iter().filter(|(name, _)| *name != "mcp-session-id") {
        let headers = [LEGACY, ("authorization", bearer.as_str()), *header];
        let (_, _, answer) = house.gateway.send("/mcp", &headers, &list());
        let tools = answer["result"]["tools"].as_array().unwrap();
        assert_eq!((tools.len(), &tools[0]["name"]), (1, &json!("one_look")), "{header:?}");
        let (_, _, refused) = house.gateway.send("/mcp", &headers, &call("one_wipe"));
        assert!(refused["error"].is_object(), "{header:?} {refused}");
    }
    assert_eq!(house.calls(), 0);
    let headers = [&[LEGACY, ("authorization", bearer.as_str())][..], &spoofed[..spoofed.len() - 1]].concat();
    let (_, _, answer) = house.gateway.send("/mcp", &headers, &call("one_look"));
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    let sent = house.server.taken();
    assert!(sent.iter().any(|it| it["method"] == "tools/call"));
    for message in sent {
        let headers = message["headers"].as_object().unwrap();
        for (name, value) in spoofed {
            let is_own = name == "mcp-session-id";
            assert!(is_own || headers.get(name).is_none(), "{name}: {value} reached the server");
        }
        assert!(headers.get("authorization").is_none() && headers.values().all(|it| it != &bearer));
    }
}

#[test]
fn protocol_header_that_contradicts_the_body_is_refused() {
    let house = House::new();
    let look = || json!({ "name": "one_look", "arguments": {} });
    let (status, answer) =
        house.modern("tools/call", look(), &[MODERN, ("mcp-method", "tools/call"), ("mcp-name", "one_look")]);
    assert_eq!((status, &answer["result"]["isError"]), (200, &json!(false)), "{answer}");
    assert_eq!(house.calls(), 1);
    for headers in [
        &[MODERN, ("mcp-method", "tools/list"), ("mcp-name", "one_look")][..],
        &[MODERN, ("mcp-method", "tools/call"), ("mcp-name", "one_wipe")],
        &[MODERN, ("mcp-method", "tools/call")],
        &[MODERN, ("mcp-name", "one_look")],
        &[MODERN, ("mcp-method", "TOOLS/CALL"), ("mcp-name", "one_look")],
        &[MODERN, ("mcp-method", "tools/call"), ("mcp-name", "one_look"), ("mcp-name", "one_wipe")],
        &[LEGACY, ("mcp-method", "tools/call"), ("mcp-name", "one_look")],
    ] {
        let (status, answer) = house.modern("tools/call", look(), headers);
        assert!(status == 400 && answer["error"].is_object(), "{headers:?} {status} {answer}");
    }
    assert_eq!(house.calls(), 0);
    // Older revisions have no such headers: the body alone decides, also about rights.
    let bearer = format!("Bearer {}", house.reader);
    let named =
        [LEGACY, ("authorization", bearer.as_str()), ("mcp-method", "tools/list"), ("mcp-name", "one_look")];
    let (_, _, refused) = house.gateway.send("/mcp", &named, &call("one_wipe"));
    assert!(refused["error"].is_object(), "{refused}");
    assert_eq!(house.calls(), 0);
}

#[test]
fn request_without_exactly_one_valid_token_is_refused() {
    let (house, other) = (House::new(), House::new());
    let (reader, wiper) = (house.reader.as_str(), house.wiper.as_str());
    let cut = &wiper[..wiper.len() - 1];
    let swapped: String = wiper.chars().rev().collect();
    for wrong in [
        format!("Bearer {}", other.wiper),
        format!("Bearer {cut}"),
        format!("Bearer {wiper}x"),
        format!("Bearer {wiper}, Bearer {reader}"),
        format!("Bearer {reader}{wiper}"),
        format!("Bearer {}", wiper.to_uppercase()),
        format!("Bearer {swapped}"),
        format!("Basic {wiper}"),
        format!("Token {wiper}"),
        "Bearer wiper".to_owned(),
        "Bearer ".to_owned(),
        wiper.to_owned(),
    ] {
        let (status, _, answer) = house.gateway.send("/mcp", &[LEGACY, ("authorization", &wrong)], &list());
        assert_eq!(status, 401, "{wrong} {answer}");
    }
    // Two `Authorization` headers with different tokens are refused.
    let both = [format!("Bearer {reader}"), format!("Bearer {wiper}")];
    let headers = [LEGACY, ("authorization", both[0].as_str()), ("authorization", both[1].as_str())];
    let (status, _, answer) = house.gateway.send("/mcp", &headers, &call("one_wipe"));
    assert_eq!(status, 400, "{answer}");
    // A token in the URL is ignored.
    for path in [format!("/mcp?access_token={wiper}"), format!("/mcp?token={wiper}"), format!("/mcp/{wiper}")]
    {
        let (status, _, answer) = house.gateway.send(&path, &[LEGACY], &list());
        assert!(matches!(status, 401 | 404), "{path} {status} {answer}");
    }
    assert_eq!(house.calls(), 0);
}

#[test]
fn session_id_of_another_agent_does_not_grant_the_rights_of_that_agent() {
    let house = House::new();
    let bearers = [&house.reader, &house.wiper].map(|token| format!("Bearer {token}"));
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": { "elicitation": {} }, "clientInfo": { "name": "by hand", "version": "1" },
    } });
    let (_, head, answer) = house.gateway.send("/mcp", &[("authorization", &bearers[1])], &hello);
    assert_eq!(answer["result"]["protocolVersion"], "2025-11-25", "{answer}");
    let session = head.lines().find_map(|line| line.strip_prefix("mcp-session-id: ")).expect(&head);
    let [stolen, own] = bearers
        .each_ref()
        .map(|bearer| [LEGACY, ("authorization", bearer.as_str()), ("mcp-session-id", session)]);
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(house.gateway.send("/mcp", &own, &ready).0, 202);
    let (status, _, answer) = house.gateway.send("/mcp", &own, &list());
    let listed = answer["result"]["tools"].as_array().map(Vec::len);
    assert_eq!((status, listed), (200, Some(2)), "{answer}");
    for message in [list(), call("one_look"), call("one_wipe")] {
        let (status, _, refused) = house.gateway.send("/mcp", &stolen, &message);
        assert_eq!(status, 404, "{refused}");
    }
    assert_eq!(house.calls(), 0);
}

#[test]
fn dns_rebinding_is_refused_by_the_host_header() {
    let house = House::new();
    let (bearer, host) = (format!("Bearer {}", house.wiper), house.gateway.host());
    let port = host.rsplit(':').next().unwrap();
    let send = |headers: &[(&str, &str)]| {
        let headers = [&[LEGACY, ("authorization", bearer.as_str())], headers].concat();
        house.gateway.send("/mcp", &headers, &call("one_look"))
    };
    for name in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "0.0.0.0",
        "[::]",
        "169.254.169.254",
    ] {
        let rebound = format!("{name}:{port}");
        let (status, _, answer) = send(&[("host", &rebound)]);
        assert!(matches!(status, 400 | 403 | 421), "{rebound} {status} {answer}");
        let origin = format!("http://{rebound}");
        let (status, _, answer) = send(&[("origin", &origin)]);
        assert_eq!(status, 403, "{origin} {answer}");
        // A browser sends both headers for a page of that host name.
        let (status, _, answer) = send(&[("host", &rebound), ("origin", &origin)]);
        assert!(matches!(status, 400 | 403 | 421), "{rebound} {status} {answer}");
    }
    for origin in ["null", "file://", "https://evil.example", "http://127.0.0.1.evil.example"] {
        let (status, _, answer) = send(&[("origin", origin)]);
        assert_eq!(status, 403, "{origin} {answer}");
    }
    assert_eq!(house.calls(), 0);
    let (status, _, answer) = send(&[]);
    assert_eq!((status, &answer["result"]["isError"]), (200, &json!(false)), "{answer}");
}
