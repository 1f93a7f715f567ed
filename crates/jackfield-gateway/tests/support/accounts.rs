//! A gateway whose agents have their own accounts at a server.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use super::Site;
use super::browser::Browser;
use super::fake_issuer::FakeIssuer;
use super::guarded_server::GuardedServer;
use super::http_gateway::HttpGateway;

/// A gateway with the agents `ada` and `bob`, which have their own accounts at a server.
pub(crate) struct Setting {
    pub(crate) issuer: FakeIssuer,
    pub(crate) server: GuardedServer,
    pub(crate) site: Site,
    pub(crate) gateway: HttpGateway,
    pub(crate) ada: String,
    pub(crate) bob: String,
}

impl Setting {
    pub(crate) fn new() -> Self {
        Self::with("", "", |_| {})
    }

    /// Starts a gateway with the further keys `top` and `connector` in its gateway.toml.
    pub(crate) fn with(top: &str, connector: &str, prepare: impl FnOnce(&Site)) -> Self {
        let issuer = FakeIssuer::start();
        let server = GuardedServer::start(&issuer.origin);
        let agents = ["ada", "bob"]
            .map(|name| format!("[agents.{name}]\nconnectors = [\"docs\"]\neffects = \"destroy\"\n"));
        let site = Site::of(&format!(
            "listen = \"127.0.0.1:0\"\n{top}[connectors.docs]\nurl = \"{}\"\ncredential = \"agent\"\n{connector}{}",
            server.url,
            agents.concat()
        ));
        prepare(&site);
        let [ada, bob] = ["ada", "bob"].map(|agent| site.add_token(agent));
        store_token(&site, &[], "token-of-the-gateway");
        let gateway = HttpGateway::of(&mut site.command(&["serve", "--ask", "never"]));
        Self { issuer, server, site, gateway, ada, bob }
    }

    /// Calls a tool without an account, and returns the link of the error.
    pub(crate) fn link(&self, token: &str) -> String {
        let text = self.call(token);
        let link = text.split("connect the account at ").nth(1).and_then(|rest| rest.split(' ').next());
        link.unwrap_or_else(|| panic!("{text}")).to_owned()
    }

    pub(crate) fn call(&self, token: &str) -> String {
        text_of(&self.gateway.call(token, "docs_greet")).to_owned()
    }

    /// Connects the account of Ada.
    pub(crate) fn connect_ada(&self) {
        let page = Browser::default().connect(&self.link(&self.ada), &self.ada);
        assert_eq!(page.code(), 200, "{page:?}");
    }

    /// Returns the number of token requests with this grant type.
    pub(crate) fn grants(&self, kind: &str) -> usize {
        self.issuer.forms("/token").iter().filter(|form| form.contains(&format!("grant_type={kind}"))).count()
    }
}

/// Runs `login docs --token` with this token.
pub(crate) fn store_token(site: &Site, words: &[&str], token: &str) {
    let (is_done, text) =
        piped(site, &[&["login", "docs", "--token"], words].concat(), &format!("{token}\n"));
    assert!(is_done, "{text}");
}

/// Runs a command with `input` on its stdin. Returns whether it succeeded, and its output.
pub(crate) fn piped(site: &Site, words: &[&str], input: &str) -> (bool, String) {
    let mut command = site.command(words);
    let mut process =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

/// Returns the text of the first content block of a tool result.
pub(crate) fn text_of(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}"))
}
