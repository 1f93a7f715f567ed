//! The first account at a server that lists its tools only to callers with an account, and accounts that replace others.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use support::accounts::{store_token, text_of};
use support::browser::Browser;
use support::fake_issuer::FakeIssuer;
use support::guarded_server::GuardedServer;
use support::http_gateway::HttpGateway;
use support::{Site, until};

const AGENTS: &str = "[agents.ada]\nconnectors = [\"docs\"]\neffects = \"destroy\"\n[agents.bob]\nconnectors = [\"docs\"]\neffects = \"destroy\"\n";

fn config(url: &str) -> String {
    format!("listen = \"127.0.0.1:0\"\n[connectors.docs]\nurl = \"{url}\"\ncredential = \"agent\"\n{AGENTS}")
}

fn serve(site: &Site) -> HttpGateway {
    HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]))
}

#[test]
fn agent_connects_the_first_account_if_the_gateway_has_none() {
    let issuer = FakeIssuer::start();
    let server = GuardedServer::start(&issuer.origin);
    let site = Site::of(&config(&server.url));
    let [ada, bob] = ["ada", "bob"].map(|agent| site.add_token(agent));
    let gateway = serve(&site);
    assert_eq!(gateway.tools(&ada), ["docs_connect_account"]);
    let refused = gateway.call(&ada, "docs_connect_account");
    let text = text_of(&refused);
    assert!(refused["result"]["isError"] == true && text.contains("none is connected"), "{refused}");
    let link = text.split("connect the account at ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert_eq!(Browser::default().connect(link, &ada).code(), 200);
    // The tools are there without a further request of Ada.
    until("the tools are listed", || gateway.tools(&bob) == ["docs_greet"]);
    assert!(text_of(&gateway.call(&ada, "docs_greet")).starts_with("hello, access-"));
    // The account of Ada is used for the lists, and for no call of another agent.
    let refused = gateway.call(&bob, "docs_greet");
    assert!(text_of(&refused).contains("connect the account at "), "{refused}");
    assert_eq!(server.tokens_of_calls().len(), 1);
}

#[test]
fn connect_tool_says_whether_the_account_is_connected() {
    let server = GuardedServer::start("http://127.0.0.1:9");
    let site = Site::of(&config(&server.url));
    let ada = site.add_token("ada");
    // The server refuses the first token, so its tools are not known.
    server.rules.lock().unwrap().refused.push("old".to_owned());
    store_token(&site, &["--agent", "ada"], "old");
    let gateway = serve(&site);
    assert_eq!(gateway.tools(&ada), ["docs_connect_account"]);
    let refused = gateway.call(&ada, "docs_connect_account");
    assert!(text_of(&refused).contains("the server refuses its token"), "{refused}");
    server.rules.lock().unwrap().refused.clear();
    let answer = gateway.call(&ada, "docs_connect_account");
    let is_known =
        |text: &str| text.contains("The account is connected") || text.contains("there is no tool");
    assert!(is_known(&answer.to_string()), "{answer}");
    until("the tools are listed", || gateway.tools(&ada) == ["docs_greet"]);
}

#[test]
fn tools_of_a_server_are_served_despite_an_account_for_an_earlier_url() {
    let [old, new] = [(), ()].map(|()| GuardedServer::start("http://127.0.0.1:9"));
    let site = Site::of(&config(&old.url));
    let bob = site.add_token("bob");
    store_token(&site, &["--agent", "ada"], "canary-of-ada");
    site.configure(&config(&new.url));
    store_token(&site, &["--agent", "bob"], "canary-of-bob");
    let gateway = serve(&site);
    assert_eq!(gateway.tools(&bob), ["docs_greet"]);
    assert!(new.all_tokens().iter().all(|token| token == "canary-of-bob"), "{:?}", new.all_tokens());
}

#[test]
fn second_login_with_the_same_settings_ends_the_session_of_the_first() {
    let server = GuardedServer::start("http://127.0.0.1:9");
    let site = Site::of(&config(&server.url));
    let ada = site.add_token("ada");
    store_token(&site, &["--agent", "ada"], "canary-1");
    let gateway = serve(&site);
    assert_eq!(text_of(&gateway.call(&ada, "docs_greet")), "hello, canary-1");
    store_token(&site, &["--agent", "ada"], "canary-2");
    until("the second account gets a session of its own", || {
        // A call that is running when the session ends has no answer.
        let answer = gateway.call(&ada, "docs_greet");
        assert!(!text_of(&answer).contains("canary-1"), "{answer}");
        let seen = &server.rules.lock().unwrap().seen;
        seen.iter().any(|(method, token)| method == "initialize" && token == "canary-2")
    });
}

#[test]
fn list_shows_when_an_account_was_connected() {
    let server = GuardedServer::start("http://127.0.0.1:9");
    let site = Site::of(&config(&server.url));
    site.add_token("ada");
    store_token(&site, &[], "canary-of-the-gateway");
    store_token(&site, &["--agent", "ada"], "canary-of-ada");
    let (code, told) = site.run(&["list"]);
    assert!(code == 0 && told.contains("\n  account of gateway: connected 20"), "{told}");
    assert!(told.contains("\n  account of token:ada: connected 20") && !told.contains("canary"), "{told}");
}
