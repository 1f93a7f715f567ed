//! Published servers at a URL.

use serde_json::{Value, json};

use crate::entries::entry;
use crate::place::Place;
use crate::support::accounts::text_of;
use crate::support::fake_server::{hello, tool};
use crate::support::guarded_server::GuardedServer;
use crate::support::tiny_http::{Message, serve};

const NAME: &str = "com.example/docs";

fn remote(url: &str, more: &Value) -> Value {
    let mut remote = json!({ "type": "streamable-http", "url": url });
    for (member, value) in more.as_object().unwrap() {
        remote[member] = value.clone();
    }
    json!({ "remotes": [remote] })
}

/// Starts a server without a login, and returns its URL.
fn open_server() -> String {
    let origin = serve(|request: &Message| {
        let message: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let result = match message["method"].as_str().unwrap_or_default() {
            "initialize" => hello(),
            "tools/list" => json!({ "tools": [tool("greet", "Greets.")] }),
            _ if message["id"].is_null() => return Message::status(202),
            _ => json!({ "content": [{ "type": "text", "text": "hello" }] }),
        };
        Message::json(200, &json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }))
    });
    format!("{origin}/mcp")
}

#[test]
fn server_at_a_url_is_shown_added_and_called() {
    let url = open_server();
    let place = Place::of([entry(NAME, "1.0.0", true, &remote(&url, &json!({})))]);
    let shown = place.done(&["show", NAME]);
    assert!(shown.contains("yes, without a login: 1 tools"), "{shown}");
    place.done(&["add", "com.example/docs@1.0.0", "--yes", "--effect", "greet=read"]);
    let config = place.config();
    assert!(config.contains("registry = \"com.example/docs@1.0.0\"\n"), "{config}");
    assert!(config.contains(&format!("url = \"{url}\"\n")), "{config}");
    let answer = place.call("docs_greet", &json!({}));
    assert_eq!(text_of(&answer), "hello");
    // The registry does not move the server.
    let moved = remote("https://elsewhere.example.com/mcp", &json!({}));
    place.registry.publish(entry(NAME, "1.0.0", true, &moved));
    place.registry.publish(entry(NAME, "1.1.0", true, &moved));
    let (code, text) = place.run(&["outdated", "--refresh"]);
    assert!(code == 1 && text.contains("1.0.0 → 1.1.0") && place.config() == config, "{text}");
    assert_eq!(text_of(&place.call("docs_greet", &json!({}))), "hello");
}

#[test]
fn tools_behind_a_login_are_withheld_until_they_are_accepted() {
    let server = GuardedServer::start("http://127.0.0.1:9");
    let headers = json!({ "headers": [{ "name": "Authorization", "value": "Bearer {token}", "isRequired": true,
        "isSecret": true, "variables": { "token": { "isSecret": true, "isRequired": true } } }] });
    let place = Place::of([entry(NAME, "1.0.0", true, &remote(&server.url, &headers))]);
    let added = place.done(&["add", "com.example/docs@1.0.0", "--yes"]);
    assert!(added.contains("not known before a login") && added.contains("login docs"), "{added}");
    assert!(place.config().contains("secrets = [\"DOCS_AUTHORIZATION\"]"), "{}", place.config());
    let (is_done, text) = crate::support::accounts::piped(&place.site, &["login", "docs"], "Bearer canary\n");
    assert!(is_done, "{text}");
    let refused = place.call("docs_greet", &json!({}));
    assert_eq!(refused["error"]["message"], "there is no tool `docs_greet`");
    let accepted = place.done(&["accept", "docs", "--yes"]);
    assert!(accepted.contains("greet (new)") && accepted.contains("accepted greet"), "{accepted}");
    assert_eq!(text_of(&place.call("docs_greet", &json!({}))), "hello, canary");
}

#[test]
fn value_cannot_lead_the_url_to_another_host() {
    let variables = json!({ "variables": { "tenant": { "isRequired": true } } });
    let place =
        Place::of([entry(NAME, "1.0.0", true, &remote("https://{tenant}.example.com/mcp", &variables))]);
    let (code, text) = place.run(&["add", "com.example/docs@1.0.0", "--yes"]);
    assert!(code == 2 && text.contains("--set tenant=VALUE"), "{text}");
    for value in ["evil.com/", "evil.com#", "a@evil.com:1", "evil.com?"] {
        let set = format!("tenant={value}");
        let (code, text) = place.run(&["add", "com.example/docs@1.0.0", "--yes", "--set", &set]);
        assert!(code == 2 && text.contains("would change the URL"), "{text}");
    }
}
