//! Agents in the store: commands change, export and apply them. A running call is cancelled if its agent loses the right to make it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::fs;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::fake_server::{FakeServer, Reply, tool};
use support::http_gateway::HttpGateway;
use support::{Site, until};

/// Starts a server with the tools `look`, `wipe` and `hang`, which never answers.
fn server() -> FakeServer {
    FakeServer::start(|method, message| match method {
        "tools/list" => Some(Reply::Result(
            json!({ "tools": [tool("look", "Looks."), tool("wipe", "Wipes."), tool("hang", "Hangs.")] }),
        )),
        "tools/call" if message["params"]["name"] == "hang" => Some(Reply::Hang),
        _ => None,
    })
}

fn connectors(servers: &[(&str, &FakeServer)]) -> String {
    let mut text = "listen = \"127.0.0.1:0\"\n".to_owned();
    for (name, server) in servers {
        text += &format!(
            "[connectors.{name}]\nurl = \"{}\"\n[connectors.{name}.effects]\nlook = \"read\"\nhang = \"read\"\n",
            server.url
        );
    }
    text
}

/// Adds an agent, and returns its token.
fn add(site: &Site, words: &[&str]) -> String {
    let output = site.command(&[&["agent", "add"], words].concat()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn export(site: &Site) -> String {
    String::from_utf8(site.command(&["export"]).output().unwrap().stdout).unwrap()
}

/// Waits until exactly these tools are listed for the agent.
fn wait_for(gateway: &HttpGateway, token: &str, tools: &[&str]) {
    let began = Instant::now();
    loop {
        let found = gateway.tools(token);
        if found == tools {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{found:?} instead of {tools:?}");
    }
}

#[test]
fn gateway_started_without_agents_accepts_agents_added_later() {
    let one = server();
    let site = Site::of(&connectors(&[("one", &one)]));
    let own = "own-token-of-the-user-1";
    let mut command = site.command(&["serve", "--ask", "never"]);
    let gateway = HttpGateway::of(command.env("GATEWAY_HTTP_TOKEN", own));
    wait_for(&gateway, own, &["one_look", "one_wipe", "one_hang"]);
    assert_eq!(gateway.request("jft_wrong", "tools/list", &json!({})).0, 401);
    let reader = add(&site, &["reader", "--connectors", "one"]);
    wait_for(&gateway, &reader, &["one_look", "one_hang"]);
    // The token that the gateway printed at its start stays valid, and belongs to no agent.
    assert_eq!(gateway.tools(own).len(), 3);
    assert_eq!(site.run(&["agent", "remove", "reader"]).0, 0);
    until("its token is refused", || gateway.request(&reader, "tools/list", &json!({})).0 == 401);
    assert_eq!(gateway.tools(own).len(), 3);
}

#[test]
fn agent_commands_change_rights_while_the_gateway_runs() {
    let (one, other) = (server(), server());
    let site = Site::of(&connectors(&[("one", &one), ("other", &other)]));
    let reader = add(&site, &["reader", "--connectors", "one"]);
    let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
    wait_for(&gateway, &reader, &["one_look", "one_hang"]);
    assert_eq!(site.run(&["attach", "reader", "other"]).0, 0);
    wait_for(&gateway, &reader, &["one_look", "one_hang", "other_look", "other_hang"]);
    assert_eq!(site.run(&["detach", "reader", "one"]).0, 0);
    wait_for(&gateway, &reader, &["other_look", "other_hang"]);
    // The running gateway accepts an agent that is added later.
    let clerk = add(&site, &["clerk", "--connectors", "one,other", "--effects", "destroy"]);
    wait_for(
        &gateway,
        &clerk,
        &["one_look", "one_wipe", "one_hang", "other_look", "other_wipe", "other_hang"],
    );
    let (code, text) = site.run(&["agent", "list"]);
    assert!(code == 0 && text.contains("clerk   token:clerk   one, other: destroy"), "{text}");
    assert!(text.contains("reader  token:reader  other: read"), "{text}");
    assert_eq!(site.run(&["agent", "remove", "reader"]).0, 0);
    until("the token is refused", || gateway.request(&reader, "tools/list", &json!({})).0 == 401);
    let (code, text) = site.run(&["remove", "one"]);
    assert!(code == 2 && text.contains("run `jackfield-gateway remove one --detach`"), "{text}");
    let (code, text) = site.run(&["remove", "one", "--detach"]);
    assert!(code == 0 && text.contains("detached `one` from `clerk`"), "{text}");
    wait_for(&gateway, &clerk, &["other_look", "other_wipe", "other_hang"]);
}

/// Starts a call that hangs, runs a command, and returns the response to the call.
fn call_during(
    site: &Site,
    gateway: &HttpGateway,
    server: &FakeServer,
    token: &str,
    words: &[&str],
) -> (Value, bool) {
    std::thread::scope(|scope| {
        let call = scope.spawn(|| gateway.call(token, "one_hang"));
        until("the call has begun", || server.held.load(Ordering::SeqCst) > 0);
        let (code, text) = site.run(words);
        assert_eq!(code, 0, "{text}");
        let began = Instant::now();
        let answer = call.join().unwrap();
        (answer, began.elapsed() < Duration::from_secs(5))
    })
}

#[test]
fn running_call_ends_when_its_agent_is_detached_removed_or_revoked() {
    for words in
        [&["detach", "reader", "one"][..], &["agent", "remove", "reader"], &["token", "revoke", "reader"]]
    {
        let one = server();
        let site = Site::of(&connectors(&[("one", &one)]));
        let reader = add(&site, &["reader", "--connectors", "one"]);
        let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
        wait_for(&gateway, &reader, &["one_look", "one_hang"]);
        let (answer, was_soon) = call_during(&site, &gateway, &one, &reader, words);
        assert!(was_soon, "{words:?}");
        assert!(
            answer["error"]["message"].as_str().unwrap().contains("there is no tool `one_hang`"),
            "{words:?} {answer}"
        );
        // The gateway sends the cancellation to the server.
        until("the server is told", || one.methods().contains(&"notifications/cancelled".to_owned()));
    }
}

#[test]
fn removing_an_agent_does_not_cancel_calls_of_another_agent() {
    let one = server();
    let site = Site::of(
        &connectors(&[("one", &one)]).replace("[connectors.one]\n", "[connectors.one]\ntimeout = 4\n"),
    );
    let [reader, _] = ["reader", "other"].map(|agent| add(&site, &[agent, "--connectors", "one"]));
    let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
    wait_for(&gateway, &reader, &["one_look", "one_hang"]);
    let (answer, _) = call_during(&site, &gateway, &one, &reader, &["agent", "remove", "other"]);
    assert_eq!(answer["result"]["isError"], true, "{answer}");
}

#[test]
fn applying_exported_agents_changes_nothing() {
    let one = server();
    let site = Site::of(&connectors(&[("one", &one)]));
    let rules = site.path().join("rules.toml");
    fs::write(&rules, "# Small ones.\n[[rule]]\ntools = [\"one_wipe\"]\neffects = \"destroy\"\narguments.count.at_most = 3\n").unwrap();
    site.serve().end();
    add(&site, &["ci", "--connectors", "one", "--rules", "rules.toml"]);
    add(&site, &["reader", "--connectors", "one"]);
    let text = export(&site);
    assert!(text.contains("# Small ones.") && text.contains("[agents.reader]"), "{text}");
    let exported = site.path().join("agents.toml");
    fs::write(&exported, &text).unwrap();
    let (code, told) = site.run(&["apply", "agents.toml"]);
    assert!(code == 0 && told.contains("nothing has changed: 2 agents"), "{told}");
    assert_eq!(export(&site), text);
    // Comments in the file are kept too.
    let written = format!("# Who may what.\n{text}");
    fs::write(&exported, &written).unwrap();
    assert_eq!(site.run(&["apply", "agents.toml"]).0, 0);
    assert_eq!(export(&site), written);
    let (code, told) = site.run(&["rights", "check", "token:ci"]);
    assert!(code == 0 && told.contains("one_wipe  allowed by agent ci rule 1"), "{told}");
    // `apply` names an agent that is missing from the file, because the agent's token still exists.
    fs::write(&exported, "[agents.reader]\nconnectors = [\"one\"]\neffects = \"read\"\n").unwrap();
    let (code, told) = site.run(&["apply", "agents.toml"]);
    assert!(code == 0 && told.contains("removed agents: ci"), "{told}");
    assert!(site.run(&["detach", "reader", "one"]).0 == 0 && site.run(&["check"]).0 <= 1);
    let (_, told) = site.run(&["rights", "check", "token:reader"]);
    assert!(told.contains("hidden"), "{told}");
}

#[test]
fn agent_commands_are_refused_if_gateway_toml_has_agents() {
    let one = server();
    let text = connectors(&[("one", &one)]);
    let site =
        Site::of(&format!("{text}\n# The one.\n[agents.ci]\nconnectors = [\"one\"]\neffects = \"read\"\n"));
    fs::write(site.path().join("agents.toml"), "").unwrap();
    for (words, expected) in [
        (
            &["agent", "add", "x", "--connectors", "one"][..],
            "write [agents.x] with `connectors` and `effects` there",
        ),
        (&["agent", "remove", "ci"], "remove [agents.ci] there"),
        (&["attach", "ci", "one"], "add `one` to `connectors` of [agents.ci] there"),
        (&["detach", "ci", "one"], "remove `one` from `connectors` and rules of [agents.ci] there"),
        (&["apply", "agents.toml"], "write them there"),
    ] {
        let (code, told) = site.run(words);
        assert!(
            code == 2 && told.contains("gateway.toml has [agents]") && told.contains(expected),
            "{words:?} {told}"
        );
        assert!(told.contains("run `jackfield-gateway apply`"), "{told}");
    }
    assert!(site.run(&["agent", "list"]).1.contains("these agents come from gateway.toml"));
    // The agents of gateway.toml can be moved to the store.
    let exported = export(&site);
    assert!(
        exported.contains("# The one.\n[agents.ci]") && !exported.contains("connectors.one"),
        "{exported}"
    );
    fs::write(site.path().join("agents.toml"), exported).unwrap();
    site.configure(&text);
    let (code, told) = site.run(&["apply", "agents.toml"]);
    assert!(code == 0 && told.contains("applied 1 agent"), "{told}");
}

#[test]
fn error_for_an_invalid_agent_command_says_what_to_type() {
    let one = server();
    let site = Site::of(&connectors(&[("one", &one)]));
    add(&site, &["reader", "--connectors", "one"]);
    let before = export(&site);
    fs::write(site.path().join("rules.toml"), "[[rule]]\ntools = [\"two_x\"]\neffects = \"read\"\n").unwrap();
    fs::write(site.path().join("bad.toml"), "[agents.x]\nconnectors = [\"onne\"]\neffects = \"read\"\n")
        .unwrap();
    for (words, expected) in [
        (
            &["agent", "add", "reader"][..],
            "there is an agent `reader` already: choose another name, or remove it with",
        ),
        (&["agent", "add", "Reader"], "`Reader` cannot be the name of an agent; use up to 64"),
        (&["agent", "add", "x", "--connectors", "onne"], "there is no connector `onne`; did you mean `one`?"),
        (
            &["agent", "add", "x", "--effects", "reed"],
            "there is no effect `reed`: use read, write or destroy; did you mean `read`?",
        ),
        (
            &["agent", "add", "x", "--connectors", "one", "--rules", "rules.toml"],
            "`two_x` matches no connector of the agent `x`; begin it with `one_`",
        ),
        (&["agent", "add", "x", "--rules", "none.toml"], "none.toml cannot be read"),
        (&["agent", "add", "x", "--subject", "ada"], "needs an issuer of access tokens; add `issuer = "),
        (&["agent", "remove", "redaer"], "there is no agent `redaer`; did you mean `reader`?"),
        (&["attach", "reader", "two"], "there is no connector `two`"),
        (&["attach", "nobody", "one"], "there is no agent `nobody`"),
        (&["detach", "nobody", "one"], "there is no agent `nobody`"),
        (
            &["apply", "bad.toml"],
            "bad.toml: the agent `x`: there is no connector `onne`; did you mean `one`?",
        ),
        (&["config", "cursor", "--agent", "nobody"], "there is no agent `nobody`"),
        (&["config", "cursr"], "did you mean `cursor`?"),
        (&["config", "cursor"], "--agent NAME names one"),
    ] {
        let (code, told) = site.run(words);
        assert!(code == 2 && told.contains(expected), "{words:?}\n{told}");
        assert_eq!(export(&site), before, "{words:?}");
    }
    // A refused command leaves no token behind.
    let (_, tokens) = site.run(&["token", "list"]);
    assert!(tokens.lines().count() == 1 && tokens.starts_with("reader"), "{tokens}");
}

#[test]
fn agent_can_be_identified_by_subject_or_claims_of_its_access_token() {
    let one = server();
    let text = connectors(&[("one", &one)]);
    let site = Site::of(&format!("issuer = \"https://id.example.com\"\nscopes = [\"shop.use\"]\n{text}"));
    site.serve().end();
    let (code, told) = site.run(&["agent", "add", "ada", "--connectors", "one", "--subject", "ada"]);
    assert!(code == 0 && !told.contains("jft_"), "{told}");
    let (code, told) =
        site.run(&["agent", "add", "robots", "--connectors", "one", "--claim", "client_id=ci"]);
    assert!(code == 0 && !told.contains("jft_"), "{told}");
    let (_, told) = site.run(&["agent", "list"]);
    assert!(
        told.contains("https://id.example.com#ada")
            && told.contains("https://id.example.com#* with client_id=ci"),
        "{told}"
    );
    let (code, told) = site.run(&["rights", "check", "https://id.example.com#ada"]);
    assert!(code == 0 && told.contains("one_look  allowed by agent ada"), "{told}");
    let (_, told) = site.run(&["rights", "check", "https://id.example.com#eve"]);
    assert!(!told.contains("allowed"), "{told}");
    let (code, told) = site.run(&["agent", "add", "again", "--connectors", "one", "--subject", "ada"]);
    assert!(code == 2 && told.contains("the agents `ada` and `again` are the same caller"), "{told}");
}

#[test]
fn client_entry_of_an_agent_does_not_contain_its_token() {
    let one = server();
    let site = Site::of(&connectors(&[("one", &one)]).replace("127.0.0.1:0", "127.0.0.1:8800"));
    let token = add(&site, &["reader", "--connectors", "one"]);
    let (code, told) = site.run(&["config", "claude-code", "--agent", "reader"]);
    assert!(code == 0 && told.contains("\"Authorization\": \"Bearer ${GATEWAY_READER_TOKEN}\""), "{told}");
    assert!(told.contains("\"url\": \"http://127.0.0.1:8800/mcp\"") && !told.contains(&token), "{told}");
    assert!(
        told.contains("to write it there: jackfield-gateway config claude-code --agent reader --write"),
        "{told}"
    );
    let (code, told) = site.run(&["config", "cursor", "--agent", "reader", "--project", "--write"]);
    assert!(code == 0 && told.contains("created "), "{told}");
    let file = site.path().join(".cursor/mcp.json");
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.contains("Bearer ${env:GATEWAY_READER_TOKEN}") && !written.contains(&token), "{written}");
    assert_eq!(site.run(&["config", "cursor", "--agent", "reader", "--project", "--undo"]).0, 0);
    assert!(!file.exists());
    // Without `listen`, the client starts the gateway as its user.
    site.configure("[connectors.one]\ncommand = [\"one\"]\npass = [\"ONE_TOKEN\"]\n");
    let (code, told) = site.run(&["config", "claude-code"]);
    assert!(
        code == 0 && told.contains("\"serve\"") && told.contains("\"ONE_TOKEN\": \"${ONE_TOKEN:-}\""),
        "{told}"
    );
    let (code, told) = site.run(&["config", "claude-code", "--agent", "reader"]);
    assert!(code == 2 && told.contains("agents connect over HTTP: add `listen = "), "{told}");
}
