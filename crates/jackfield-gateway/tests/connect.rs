//! Links with which the user of a caller connects an account. Only that caller can complete them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use serde_json::json;
use support::accounts::{Setting, text_of};
use support::browser::{Browser, target};
use support::tiny_http::{ask, field};
use support::until;

#[test]
fn account_is_connected_by_the_caller_that_asked_for_the_link() {
    let setting = Setting::new();
    let link = setting.link(&setting.ada);
    assert_eq!(link, setting.link(&setting.ada), "the same link, while nobody has used it");
    assert_ne!(link, setting.link(&setting.bob));
    let mut browser = Browser::default();
    let page = browser.get(&link);
    assert!(page.code() == 200 && page.body.contains("token:ada") && page.body.contains("docs"), "{page:?}");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(
        (page.header("x-frame-options"), page.header("cache-control")),
        (Some("DENY"), Some("no-store"))
    );
    let page = browser.connect(&link, &setting.ada);
    assert!(page.code() == 200 && page.body.contains("Your account is connected"), "{page:?}");
    assert!(setting.call(&setting.ada).starts_with("hello, access-"));
    // The other agent still has no account.
    assert!(setting.call(&setting.bob).contains("none is connected"));
    let asked = setting.issuer.forms("/authorize");
    let [asked] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(field(asked, "resource").as_deref(), Some(setting.server.url.as_str()));
    assert_eq!(field(asked, "code_challenge_method").as_deref(), Some("S256"));
    assert!(field(asked, "redirect_uri").unwrap().ends_with("/connect/callback/docs"), "{asked}");
    // The token of the client reaches neither the server nor the authorization server.
    assert!(setting.server.all_tokens().iter().all(|seen| !seen.starts_with("jft_")));
    let known = setting.issuer.known.lock().unwrap();
    assert!(known.requests.iter().all(|(_, form)| !form.contains("jft_")));
}

#[test]
fn connect_link_cannot_be_completed_by_another_caller() {
    let setting = Setting::new();
    // A thief has the link of Ada, and the token of another agent.
    let link = setting.link(&setting.ada);
    let page = Browser::default().connect(&link, &setting.bob);
    assert!(page.code() == 403 && page.body.contains("not the token of the agent"), "{page:?}");
    // Bob sends his link to the user of Ada, who has only Ada's token.
    let link = setting.link(&setting.bob);
    let page = Browser::default().connect(&link, &setting.ada);
    assert_eq!(page.code(), 403, "{page:?}");
    for token in ["", "jft_x", "\r\nx: y"] {
        assert_eq!(Browser::default().connect(&link, token).code(), 403, "{token:?}");
    }
    assert_eq!(setting.issuer.forms("/authorize"), Vec::<String>::new());
    assert!(setting.call(&setting.ada).contains("none is connected"));
    assert_eq!(setting.server.tokens_of_calls(), Vec::<String>::new());
}

#[test]
fn connect_link_works_once_and_is_invalid_after_five_wrong_tokens() {
    let setting = Setting::new();
    let link = setting.link(&setting.ada);
    let mut browser = Browser::default();
    let login = target(&browser.prove(&link, &setting.ada));
    // The link is used, although the login is not complete yet.
    assert_eq!(Browser::default().get(&link).code(), 404);
    assert_eq!(Browser::default().prove(&link, &setting.ada).code(), 404);
    assert_eq!(browser.follow(&login).code(), 200);
    let link = setting.link(&setting.bob);
    for _ in 0..5 {
        assert_eq!(Browser::default().prove(&link, &setting.ada).code(), 403);
    }
    assert_eq!(Browser::default().prove(&link, &setting.bob).code(), 404);
    assert_ne!(setting.link(&setting.bob), link);
}

#[test]
fn login_begun_in_one_browser_cannot_be_completed_in_another() {
    let setting = Setting::new();
    // Ada begins the login, and sends its URL to somebody else, whose account would be attached to Ada's agent.
    let link = setting.link(&setting.ada);
    let login = target(&Browser::default().prove(&link, &setting.ada));
    let page = Browser::default().follow(&login);
    assert!(page.code() == 403 && page.body.contains("has not begun the login"), "{page:?}");
    assert_eq!(setting.issuer.forms("/token"), Vec::<String>::new());
    assert!(setting.call(&setting.ada).contains("none is connected"));
}

#[test]
fn redirect_with_the_state_or_code_of_another_login_is_refused() {
    let setting = Setting::new();
    let origin = format!("http://{}", setting.gateway.host());
    let callback = format!("{origin}/connect/callback/docs");
    for query in ["", "?code=x", "?code=x&state=y", "?state=y&state=y&code=x", "?code=x&state=%FF"] {
        assert_eq!(Browser::default().get(&format!("{callback}{query}")).code(), 400, "{query}");
    }
    // Each browser sends the redirect of the other browser's login.
    let (mut ada, mut bob) = (Browser::default(), Browser::default());
    let [of_ada, of_bob] = [
        target(&ada.prove(&setting.link(&setting.ada), &setting.ada)),
        target(&bob.prove(&setting.link(&setting.bob), &setting.bob)),
    ]
    .map(|login| ask("GET", &login, &[], "").header("location").unwrap().to_owned());
    assert_eq!(ada.get(&of_bob).code(), 403);
    assert_eq!(bob.get(&of_ada).code(), 403);
    // A redirect has the code of one login and the state of another. The authorization server refuses it by the PKCE challenge.
    let (mut ada, mut bob) = (Browser::default(), Browser::default());
    let [of_ada, of_bob] = [
        target(&ada.prove(&setting.link(&setting.ada), &setting.ada)),
        target(&bob.prove(&setting.link(&setting.bob), &setting.bob)),
    ]
    .map(|login| ask("GET", &login, &[], "").header("location").unwrap().to_owned());
    let code = |address: &str| field(address.split_once('?').unwrap().1, "code").unwrap();
    let mixed = of_ada.replace(&code(&of_ada), &code(&of_bob));
    assert_eq!(ada.get(&mixed).code(), 403);
    // A state is accepted only once.
    assert_eq!(ada.get(&of_ada).code(), 400);
    // The redirect of one connector is refused at the redirect URI of another.
    let mut ada = Browser::default();
    let login = target(&ada.prove(&setting.link(&setting.ada), &setting.ada));
    let back = ask("GET", &login, &[], "").header("location").unwrap().to_owned();
    assert_eq!(ada.get(&back.replace("/callback/docs", "/callback/other")).code(), 403);
    assert!(setting.call(&setting.ada).contains("none is connected"));
    assert!(setting.call(&setting.bob).contains("none is connected"));
}

#[test]
fn redirect_of_another_authorization_server_is_refused() {
    let setting = Setting::new();
    setting.issuer.known.lock().unwrap().other_iss = Some("https://evil.example.com".to_owned());
    let page = Browser::default().connect(&setting.link(&setting.ada), &setting.ada);
    assert!(page.code() == 403 && page.body.contains("another authorization server"), "{page:?}");
    assert_eq!(setting.issuer.forms("/token"), Vec::<String>::new());
}

#[test]
fn form_posted_from_another_site_is_refused() {
    let setting = Setting::new();
    let link = setting.link(&setting.ada);
    let own = format!("http://{}", setting.gateway.host());
    let form = format!("token={}", setting.ada);
    for headers in [
        vec![],
        vec![("origin", "https://evil.example.com")],
        vec![("origin", "null")],
        vec![("origin", own.as_str()), ("sec-fetch-site", "cross-site")],
    ] {
        assert_eq!(ask("POST", &link, &headers, &form).code(), 403, "{headers:?}");
    }
    let rebound = [("origin", own.as_str()), ("host", "rebound.example.com")];
    assert_eq!(ask("POST", &link, &rebound, &form).code(), 421);
    assert_eq!(ask("GET", &link, &[("host", "rebound.example.com")], "").code(), 421);
    assert_eq!(ask("DELETE", &link, &[], "").code(), 405);
    assert_eq!(Browser::default().get(&format!("{own}/connect/")).code(), 404);
}

#[test]
fn agent_revoked_during_a_login_gets_no_account() {
    let setting = Setting::new();
    let mut browser = Browser::default();
    let login = target(&browser.prove(&setting.link(&setting.ada), &setting.ada));
    let (code, text) = setting.site.run(&["token", "revoke", "ada"]);
    assert!(code == 0, "{text}");
    until("the token is refused", || {
        setting.gateway.request(&setting.ada, "tools/list", &json!({})).0 == 401
    });
    let page = browser.follow(&login);
    assert!(page.code() == 403 && page.body.contains("was revoked meanwhile"), "{page:?}");
    assert_eq!(setting.issuer.forms("/token"), Vec::<String>::new());
}

#[test]
fn client_with_url_elicitation_gets_the_connect_link_as_an_elicitation() {
    let setting = Setting::new();
    // Revision 2026-07-28: the call ends with the question, and is repeated.
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "by hand", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": { "elicitation": { "url": {} } },
    });
    let params = json!({ "name": "docs_greet", "arguments": {}, "_meta": meta });
    let (_, asked) = setting.gateway.modern(&setting.ada, "tools/call", &params);
    let (key, request) = asked["result"]["inputRequests"]
        .as_object()
        .unwrap_or_else(|| panic!("{asked}"))
        .iter()
        .next()
        .unwrap();
    assert_eq!(
        (&request["method"], &request["params"]["mode"]),
        (&json!("elicitation/create"), &json!("url"))
    );
    let link = request["params"]["url"].as_str().unwrap();
    assert_eq!(Browser::default().connect(link, &setting.ada).code(), 200);
    let mut again = params.clone();
    again["inputResponses"] = json!({ key: { "action": "accept" } });
    again["requestState"] = asked["result"]["requestState"].clone();
    let (_, answer) = setting.gateway.modern(&setting.ada, "tools/call", &again);
    assert!(text_of(&answer).starts_with("hello, access-"), "{answer}");
    // If the user confirms the elicitation without having connected an account, the call fails.
    let (_, asked) = setting.gateway.modern(&setting.bob, "tools/call", &params);
    let mut again = params;
    again["inputResponses"] = json!({ key: { "action": "accept" } });
    again["requestState"] = asked["result"]["requestState"].clone();
    let (_, answer) = setting.gateway.modern(&setting.bob, "tools/call", &again);
    assert!(text_of(&answer).contains("none is connected"), "{answer}");
}

#[test]
fn client_of_revision_2025_11_25_gets_the_connect_link_in_an_error() {
    let setting = Setting::new();
    let hello = json!({
        "protocolVersion": "2025-11-25", "capabilities": { "elicitation": { "form": {}, "url": {} } },
        "clientInfo": { "name": "by hand", "version": "1" },
    });
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello });
    let bearer = format!("Bearer {}", setting.ada);
    let (_, head, _) = setting.gateway.send("/mcp", &[("authorization", &bearer)], &message);
    let session = head.lines().find_map(|line| line.strip_prefix("mcp-session-id: ")).unwrap().to_owned();
    let headers = [
        ("authorization", bearer.as_str()),
        ("mcp-session-id", &session),
        ("mcp-protocol-version", "2025-11-25"),
    ];
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    setting.gateway.send("/mcp", &headers, &ready);
    let params = json!({ "name": "docs_greet", "arguments": {} });
    let call = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params });
    let (_, _, answer) = setting.gateway.send("/mcp", &headers, &call);
    let error = &answer["error"];
    let question = &error["data"]["elicitations"][0];
    assert_eq!((&error["code"], &question["mode"]), (&json!(-32042), &json!("url")), "{answer}");
    assert!(question["url"].as_str().unwrap().contains("/connect/"), "{answer}");
    assert!(question["elicitationId"].is_string() && question["message"].is_string(), "{answer}");
}
