//! Tokens and headers of a server over HTTP whose values are in the vault.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use support::Site;
use support::accounts::{piped, text_of};
use support::guarded_server::GuardedServer;
use support::http_gateway::HttpGateway;

/// Creates a gateway whose agents `ada` and `bob` may use the server.
fn site(server: &GuardedServer, connector: &str) -> Site {
    let agents = ["ada", "bob"]
        .map(|name| format!("[agents.{name}]\nconnectors = [\"docs\"]\neffects = \"destroy\"\n"))
        .concat();
    let url = &server.url;
    Site::of(&format!("listen = \"127.0.0.1:0\"\n[connectors.docs]\nurl = \"{url}\"\n{connector}{agents}"))
}

/// Stores the only variable of the connector.
fn store(site: &Site, owner: &[&str], value: &str) {
    let (is_done, text) = piped(site, &[&["login", "docs"], owner].concat(), &format!("{value}\n"));
    assert!(is_done, "{text}");
}

#[test]
fn header_from_the_vault_is_sent_only_to_its_url() {
    let server = GuardedServer::start("http://127.0.0.1:9");
    let site = site(&server, "headers = { Authorization = \"DOCS\" }\nsecrets = [\"DOCS\"]\n");
    let (code, text) = site.run(&["test", "docs"]);
    assert!(code == 1 && text.contains("`jackfield-gateway login docs`"), "{text}");
    store(&site, &[], "Bearer canary-of-the-vault");
    let ada = site.add_token("ada");
    let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
    assert_eq!(text_of(&gateway.call(&ada, "docs_greet")), "hello, canary-of-the-vault");
    drop(gateway);
    // The stored value is valid for one URL only.
    let other = GuardedServer::start("http://127.0.0.1:9");
    let config = std::fs::read_to_string(site.path().join("gateway.toml")).unwrap();
    std::fs::write(site.path().join("gateway.toml"), config.replace(&server.url, &other.url)).unwrap();
    let (code, text) = site.run(&["test", "docs"]);
    assert!(code == 1 && text.contains("`jackfield-gateway login docs`"), "{text}");
    assert!(other.all_tokens().is_empty());
    // `logout` deletes the value, so the earlier URL does not get it any more.
    std::fs::write(site.path().join("gateway.toml"), config).unwrap();
    let (code, text) = site.run(&["logout", "docs"]);
    assert!(code == 0 && text.contains("forgot DOCS"), "{text}");
    let (code, text) = site.run(&["test", "docs"]);
    assert!(code == 1 && text.contains("`jackfield-gateway login docs`"), "{text}");
}

#[test]
fn each_agent_sends_its_own_token_from_the_vault() {
    let server = GuardedServer::start("http://127.0.0.1:9");
    let site = site(&server, "token = \"DOCS\"\nsecrets = [\"DOCS\"]\ncredential = \"agent\"\n");
    let [ada, bob] = ["ada", "bob"].map(|agent| site.add_token(agent));
    store(&site, &[], "canary-of-the-gateway");
    store(&site, &["--agent", "ada"], "canary-of-ada");
    let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
    assert_eq!(text_of(&gateway.call(&ada, "docs_greet")), "hello, canary-of-ada");
    let refused = gateway.call(&bob, "docs_greet");
    let text = text_of(&refused);
    assert!(text.contains("login docs --agent bob") && !text.contains("/connect/"), "{text}");
    assert_eq!(server.tokens_of_calls(), ["canary-of-ada"]);
}

#[test]
fn secret_variable_that_no_header_uses_is_refused() {
    let server = GuardedServer::start("http://127.0.0.1:9");
    let site = site(&server, "token = \"DOCS\"\nsecrets = [\"OTHER\"]\n");
    let (code, text) = site.run(&["check"]);
    assert!(code == 2 && text.contains("neither `token` nor `headers` uses the variable `OTHER`"), "{text}");
}
