//! Accounts of single agents at other servers: the calls of an agent are made only with the account of that agent.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use serde_json::{Value, json};
use support::accounts::{piped, store_token, text_of};
use support::guarded_server::GuardedServer;
use support::http_gateway::HttpGateway;
use support::{Site, child_script, until};

const AGENTS: [&str; 2] = ["ada", "bob"];

/// Creates a gateway with two agents. Each agent has its own account.
fn site(connector: &str) -> Site {
    let agents =
        AGENTS.map(|name| format!("[agents.{name}]\nconnectors = [\"docs\"]\neffects = \"destroy\"\n"));
    Site::of(&format!("listen = \"127.0.0.1:0\"\n[connectors.docs]\n{connector}{}", agents.concat()))
}

fn of_agents(server: &GuardedServer) -> Site {
    site(&format!("url = \"{}\"\ncredential = \"agent\"\n", server.url))
}

fn serve(site: &Site) -> HttpGateway {
    HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]))
}

/// A gateway with two connected accounts: the account of the gateway, and the account of ada. ada has called the tool once. bob has no
/// account.
struct Connected {
    server: GuardedServer,
    site: Site,
    gateway: HttpGateway,
    ada: String,
    bob: String,
}

impl Connected {
    fn new() -> Self {
        let server = GuardedServer::start("http://127.0.0.1:9");
        let site = of_agents(&server);
        let [ada, bob] = AGENTS.map(|agent| site.add_token(agent));
        store_token(&site, &[], "canary-of-the-gateway");
        store_token(&site, &["--agent", "ada"], "canary-of-ada");
        let gateway = serve(&site);
        assert_eq!(text_of(&gateway.call(&ada, "docs_greet")), "hello, canary-of-ada");
        Self { server, site, gateway, ada, bob }
    }
}

#[test]
fn each_agent_calls_with_its_own_account_and_never_with_another() {
    let server = GuardedServer::start("http://127.0.0.1:9");
    let site = of_agents(&server);
    let tokens = AGENTS.map(|agent| site.add_token(agent));
    // The account of the gateway is used only to read the lists.
    store_token(&site, &[], "canary-of-the-gateway");
    for agent in AGENTS {
        store_token(&site, &["--agent", agent], &format!("canary-of-{agent}"));
    }
    let gateway = serve(&site);
    for _ in 0..3 {
        for (agent, token) in AGENTS.iter().zip(&tokens) {
            assert_eq!(text_of(&gateway.call(token, "docs_greet")), format!("hello, canary-of-{agent}"));
        }
    }
    let calls = server.tokens_of_calls();
    assert_eq!(calls, ["canary-of-ada", "canary-of-bob"].repeat(3));
    assert!(tokens.iter().all(|token| server.all_tokens().iter().all(|seen| seen != token)));
    // Secrets are only in the vault, where they are encrypted.
    let vault = std::fs::read_to_string(site.home().join(".local/share/jackfield/vault/records")).unwrap();
    assert!(vault.contains("token:ada") && !vault.contains("canary"), "{vault}");
    let state = std::fs::read(site.path().join("state/gateway/state.sqlite3")).unwrap();
    assert!(!state.windows(6).any(|it| it == b"canary"));
}

#[test]
fn agent_without_an_account_cannot_use_the_account_of_another_agent() {
    let Connected { server, site, gateway, ada, bob } = Connected::new();
    let refused = gateway.call(&bob, "docs_greet");
    let text = text_of(&refused);
    assert!(refused["result"]["isError"] == true && text.contains("none is connected"), "{refused}");
    assert!(text.contains("`jackfield-gateway login docs --agent bob`"), "{text}");
    // A call that is refused for a missing account causes no retry delay for other agents.
    assert_eq!(text_of(&gateway.call(&ada, "docs_greet")), "hello, canary-of-ada");
    assert_eq!(server.tokens_of_calls(), ["canary-of-ada", "canary-of-ada"]);
    // An account that is connected later is used by the next call.
    store_token(&site, &["--agent", "bob"], "canary-of-bob");
    assert_eq!(text_of(&gateway.call(&bob, "docs_greet")), "hello, canary-of-bob");
}

#[test]
fn accounts_are_removed_with_their_agent() {
    let server = GuardedServer::start("http://127.0.0.1:9");
    let site = Site::of(&format!(
        "listen = \"127.0.0.1:0\"\n[connectors.docs]\nurl = \"{}\"\ncredential = \"agent\"\n",
        server.url
    ));
    let add = || {
        let words = ["agent", "add", "ada", "--connectors", "docs", "--effects", "destroy"];
        let output = site.command(&words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let token = add();
    store_token(&site, &[], "canary-of-the-gateway");
    store_token(&site, &["--agent", "ada"], "canary-of-ada");
    let gateway = serve(&site);
    assert_eq!(text_of(&gateway.call(&token, "docs_greet")), "hello, canary-of-ada");
    let (code, text) = site.run(&["agent", "remove", "ada"]);
    assert!(code == 0, "{text}");
    until("the token is refused", || gateway.request(&token, "tools/list", &json!({})).0 == 401);
    // A new agent with the same name does not get the account of the removed agent.
    let token = add();
    let mut refused = Value::Null;
    until("the new agent may call", || {
        refused = gateway.call(&token, "docs_greet");
        refused["result"].is_object()
    });
    assert!(text_of(&refused).contains("needs an account of the caller"), "{refused}");
    assert_eq!(server.tokens_of_calls(), ["canary-of-ada"]);
}

#[test]
fn forgotten_account_is_not_used_by_the_next_call() {
    let Connected { server, site, gateway, ada, .. } = Connected::new();
    let (code, text) = site.run(&["logout", "docs", "--agent", "ada"]);
    assert!(code == 0, "{text}");
    let refused = gateway.call(&ada, "docs_greet");
    assert!(text_of(&refused).contains("`jackfield-gateway login docs --agent ada`"), "{refused}");
    assert_eq!(server.tokens_of_calls(), ["canary-of-ada"]);
}

#[test]
fn account_token_is_not_sent_to_a_changed_url() {
    let other = GuardedServer::start("http://127.0.0.1:9");
    let Connected { server, site, gateway, ada, .. } = Connected::new();
    let config = std::fs::read_to_string(site.path().join("gateway.toml")).unwrap();
    std::fs::write(site.path().join("gateway.toml"), config.replace(&server.url, &other.url)).unwrap();
    drop(gateway);
    let gateway = serve(&site);
    let _ = gateway.call(&ada, "docs_greet");
    assert_eq!(other.all_tokens(), Vec::<String>::new());
}

#[test]
fn unreadable_vault_is_named_in_the_error() {
    let Connected { server, site, gateway, ada, .. } = Connected::new();
    let records = site.home().join(".local/share/jackfield/vault/records");
    std::fs::write(&records, "damaged").unwrap();
    let refused = gateway.call(&ada, "docs_greet");
    let text = text_of(&refused);
    assert!(text.contains("the connected one cannot be used") && text.contains("vault"), "{text}");
    assert!(!text.contains("canary"), "{text}");
    assert_eq!(server.tokens_of_calls(), ["canary-of-ada"]);
}

#[test]
fn program_gets_the_variables_of_its_agent_from_the_vault() {
    let tools = json!([support::fake_server::tool("greet", "Greets.")]);
    let script = child_script(
        &tools,
        "n=3; while read call; do case \"$call\" in *tools/call*) answer $n \"$SECRET $OTHER\"; n=$((n+1)) ;; esac; done",
    );
    let site = site(
        "command = [\"sh\", \"server.sh\"]\ncredential = \"agent\"\nsecrets = [\"SECRET\", \"OTHER\"]\n",
    );
    std::fs::write(site.path().join("server.sh"), script).unwrap();
    let [ada, bob] = AGENTS.map(|agent| site.add_token(agent));
    for owner in [&[][..], &["--agent", "ada"], &["--agent", "bob"]] {
        let name = owner.last().unwrap_or(&"gateway");
        let (is_done, text) =
            piped(&site, &[&["login", "docs"], owner].concat(), &format!("one-of-{name}\ntwo-of-{name}\n"));
        assert!(is_done, "{text}");
    }
    let gateway = serve(&site);
    assert_eq!(text_of(&gateway.call(&ada, "docs_greet")), "one-of-ada two-of-ada");
    assert_eq!(text_of(&gateway.call(&bob, "docs_greet")), "one-of-bob two-of-bob");
    // The stored values are valid for one `command` only.
    drop(gateway);
    let config = std::fs::read_to_string(site.path().join("gateway.toml")).unwrap();
    let changed = config.replace("[\"sh\", \"server.sh\"]", "[\"sh\", \"server.sh\", \"more\"]");
    std::fs::write(site.path().join("gateway.toml"), changed).unwrap();
    let (code, text) = site.run(&["test", "docs"]);
    assert!(code == 1 && text.contains("`jackfield-gateway login docs`"), "{text}");
}

#[test]
fn contradictory_account_keys_of_a_connector_are_refused() {
    for (connector, problem) in [
        (
            "url = \"https://d.example.com/mcp\"\ncredential = \"agent\"\ntoken = \"T\"\n",
            "`token` is a token of the gateway",
        ),
        (
            "url = \"https://d.example.com/mcp\"\ncredential = \"agent\"\nsessions = \"shared\"\n",
            "cannot share a session",
        ),
        ("url = \"https://d.example.com/mcp\"\ncredential = \"person\"\n", "`credential` cannot be `person`"),
        ("command = [\"true\"]\ncredential = \"agent\"\n", "no variable in `secrets`"),
        ("url = \"https://d.example.com/mcp\"\nclient_secret_command = [\"x\"]\n", "needs `client_id`"),
        (
            "url = \"https://d.example.com/mcp\"\nclient_id = \"x\"\ntoken = \"T\"\n",
            "has no effect with `token`",
        ),
    ] {
        let (code, text) = site(connector).run(&["check"]);
        assert!(code == 2 && text.contains(problem), "{connector}: {text}");
    }
    let site = site("url = \"https://d.example.com/mcp\"\n");
    let (code, text) = site.run(&["login", "docs", "--agent", "ada"]);
    assert!(code == 2 && text.contains("all agents use the same account"), "{text}");
}
