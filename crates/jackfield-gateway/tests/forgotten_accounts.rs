//! Accounts of removed connectors and agents: nothing of them is left for a later connector or agent of the same name.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use serde_json::{Value, json};
use support::accounts::{piped, store_token, text_of};
use support::browser::Browser;
use support::fake_issuer::FakeIssuer;
use support::guarded_server::GuardedServer;
use support::http_gateway::HttpGateway;
use support::{Site, child_script, until};

/// Creates a gateway whose agents are in the store.
fn site(connector: &str) -> Site {
    Site::of(&format!("listen = \"127.0.0.1:0\"\naudit = \"on\"\n[connectors.docs]\n{connector}"))
}

fn of_agents(server: &GuardedServer) -> Site {
    site(&format!("url = \"{}\"\ncredential = \"agent\"\n", server.url))
}

/// Adds an agent with the connector `docs`, and returns its token.
fn add_agent(site: &Site, name: &str) -> String {
    let words = ["agent", "add", name, "--connectors", "docs", "--effects", "destroy"];
    let output = site.command(&words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn serve(site: &Site) -> HttpGateway {
    HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]))
}

/// Runs a command that has to succeed, and returns its output.
fn done(site: &Site, words: &[&str]) -> String {
    let (code, text) = site.run(words);
    assert!(code == 0, "{words:?}: {text}");
    text
}

fn vault(site: &Site) -> String {
    std::fs::read_to_string(site.home().join(".local/share/jackfield/vault/records")).unwrap()
}

/// Returns the action, the owner and the channel of each record about an account.
fn changes(site: &Site) -> Vec<(String, String, String)> {
    let text = done(site, &["audit", "query", "--event", "account", "--connector", "docs"]);
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of =
        |record: &Value, name: &str| record[name].as_str().unwrap_or_else(|| panic!("{record}")).to_owned();
    records.map(|it| (of(&it, "action"), of(&it, "principal"), of(&it, "channel"))).collect()
}

fn change(action: &str, owner: &str, channel: &str) -> (String, String, String) {
    (action.to_owned(), owner.to_owned(), channel.to_owned())
}

#[test]
fn later_connector_does_not_get_the_accounts_of_a_removed_connector() {
    let issuer = FakeIssuer::start();
    let server = GuardedServer::start(&issuer.origin);
    let site = of_agents(&server);
    let [ada, bob] = ["ada", "bob"].map(|name| add_agent(&site, name));
    store_token(&site, &[], "canary-of-the-gateway");
    store_token(&site, &["--agent", "bob"], "canary-of-bob");
    let gateway = serve(&site);
    let refused = gateway.call(&ada, "docs_greet");
    let link = text_of(&refused).split("connect the account at ").nth(1).and_then(|it| it.split(' ').next());
    assert_eq!(Browser::default().connect(link.unwrap(), &ada).code(), 200);
    let granted = text_of(&gateway.call(&ada, "docs_greet")).replace("hello, ", "");
    assert_eq!(text_of(&gateway.call(&bob, "docs_greet")), "hello, canary-of-bob");
    let config = std::fs::read_to_string(site.path().join("gateway.toml")).unwrap();
    let told = done(&site, &["remove", "docs", "--detach"]);
    for whose in ["the gateway", "token:ada", "token:bob"] {
        assert!(told.contains(&format!("forgot the account of {whose} at `docs`")), "{told}");
    }
    assert!(issuer.known.lock().unwrap().revoked.contains(&granted));
    assert!(!vault(&site).contains("gateway-docs"), "{}", vault(&site));
    // A person adds the connector again, by hand.
    std::fs::write(site.path().join("gateway.toml"), config).unwrap();
    for agent in ["ada", "bob"] {
        done(&site, &["attach", agent, "docs"]);
    }
    let sent = server.tokens_of_calls();
    for token in [&ada, &bob] {
        let mut answer = Value::Null;
        until("the connector is there again", || {
            answer = gateway.call(token, "docs_greet");
            answer["result"].is_object()
        });
        assert!(text_of(&answer).contains("needs an account of the caller"), "{answer}");
    }
    assert_eq!(server.tokens_of_calls(), sent);
    assert_eq!(
        changes(&site),
        [
            change("connected", "local", "command line"),
            change("connected", "token:bob", "command line"),
            change("connected", "token:ada", "http"),
            change("forgotten", "local", "command line"),
            change("forgotten", "token:bob", "command line"),
            change("forgotten", "token:ada", "command line"),
        ]
    );
    assert!(done(&site, &["audit", "verify"]).contains("unchanged"));
}

#[test]
fn connector_is_not_removed_while_the_vault_cannot_forget_its_accounts() {
    let server = GuardedServer::start("http://127.0.0.1:9");
    let site = Site::of(&format!("[connectors.docs]\nurl = \"{}\"\n", server.url));
    store_token(&site, &[], "canary-of-the-gateway");
    let records = site.home().join(".local/share/jackfield/vault/records");
    let whole = std::fs::read(&records).unwrap();
    std::fs::write(&records, "damaged").unwrap();
    let (code, told) = site.run(&["remove", "docs"]);
    assert!(code == 2 && told.contains("`docs` is not removed"), "{code} {told}");
    assert!(told.contains("run `jackfield-gateway remove docs` again") && told.contains("vault"), "{told}");
    let config = std::fs::read_to_string(site.path().join("gateway.toml")).unwrap();
    assert!(config.contains("[connectors.docs]"), "{config}");
    std::fs::write(&records, whole).unwrap();
    done(&site, &["remove", "docs"]);
    assert!(!vault(&site).contains("gateway-docs"));
}

#[test]
fn variables_of_a_removed_program_are_not_given_to_a_later_program() {
    let tools = json!([support::fake_server::tool("greet", "Greets.")]);
    let site = site("command = [\"sh\", \"server.sh\"]\ncredential = \"agent\"\nsecrets = [\"SECRET\"]\n");
    std::fs::write(site.path().join("server.sh"), child_script(&tools, "read c; answer 3 \"$SECRET\""))
        .unwrap();
    add_agent(&site, "ada");
    for owner in [&[][..], &["--agent", "ada"]] {
        let (is_done, text) = piped(&site, &[&["login", "docs"], owner].concat(), "canary\n");
        assert!(is_done, "{text}");
    }
    assert!(vault(&site).contains("gateway-docs"));
    let config = std::fs::read_to_string(site.path().join("gateway.toml")).unwrap();
    let told = done(&site, &["remove", "docs", "--detach"]);
    assert!(told.contains("forgot SECRET of token:ada at `docs`"), "{told}");
    assert!(!vault(&site).contains("gateway-docs"), "{}", vault(&site));
    std::fs::write(site.path().join("gateway.toml"), config).unwrap();
    let (code, text) = site.run(&["test", "docs"]);
    assert!(code == 1 && text.contains("`jackfield-gateway login docs`"), "{text}");
}

#[test]
fn stored_variables_of_a_program_are_kept_if_their_removal_cannot_be_audited() {
    let site = site("command = [\"sh\", \"server.sh\"]\nsecrets = [\"SECRET\"]\n");
    let (is_done, text) = piped(&site, &["login", "docs"], "canary\n");
    assert!(is_done, "{text}");
    let audit = site.path().join("state/gateway/audit");
    let kept = audit.with_extension("kept");
    std::fs::rename(&audit, &kept).unwrap();
    std::fs::write(&audit, "in the way").unwrap();
    let (code, told) = site.run(&["logout", "docs"]);
    assert!(code != 0 && told.contains("because the audit cannot be opened"), "{code} {told}");
    assert!(vault(&site).contains("gateway-docs"), "{}", vault(&site));
    std::fs::remove_file(&audit).unwrap();
    std::fs::rename(&kept, &audit).unwrap();
    done(&site, &["logout", "docs"]);
    assert!(!vault(&site).contains("gateway-docs"), "{}", vault(&site));
    assert_eq!(changes(&site).last().unwrap(), &change("forgotten", "local", "command line"));
}

#[test]
fn accounts_of_a_connector_removed_by_hand_are_reported_and_forgotten() {
    let server = GuardedServer::start("http://127.0.0.1:9");
    let site = of_agents(&server);
    add_agent(&site, "ada");
    store_token(&site, &["--agent", "ada"], "canary-of-ada");
    site.configure("listen = \"127.0.0.1:0\"\n[connectors]\n");
    let (code, told) = site.run(&["check"]);
    assert!(code == 1 && told.contains("`jackfield-gateway remove docs` forgets them"), "{told}");
    let told = done(&site, &["remove", "docs"]);
    assert!(told.contains("forgot the account of token:ada at `docs`"), "{told}");
    assert!(!vault(&site).contains("gateway-docs"));
    let (code, told) = site.run(&["remove", "docs"]);
    assert!(code == 2 && told.contains("has no connector `docs`"), "{told}");
}

#[test]
fn separate_account_of_an_agent_can_be_removed_after_accounts_are_shared() {
    let server = GuardedServer::start("http://127.0.0.1:9");
    let site = of_agents(&server);
    add_agent(&site, "ada");
    store_token(&site, &["--agent", "ada"], "canary-of-ada");
    site.configure(&format!("listen = \"127.0.0.1:0\"\n[connectors.docs]\nurl = \"{}\"\n", server.url));
    let (code, told) = site.run(&["login", "docs", "--token", "--agent", "ada"]);
    assert!(code == 2 && told.contains("all agents use the same account"), "{told}");
    done(&site, &["logout", "docs", "--agent", "ada"]);
    assert!(!vault(&site).contains("token:ada"), "{}", vault(&site));
    assert!(done(&site, &["logout", "docs", "--agent", "ada"]).contains("there is no login at `docs`"));
}
