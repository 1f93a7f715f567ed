//! A gateway and the registry in which it finds servers.

use std::process::Command;

use jackfield_testkit::{RegistryItem, RegistryMock};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{Peer, Site};

/// The beginnings of the variables that package managers need on machines with mirrors and proxies.
const PASSED: [&str; 10] = [
    "PIP_",
    "NODE_EXTRA_CA_CERTS",
    "npm_config_",
    "NPM_CONFIG_",
    "http",
    "HTTP",
    "no_proxy",
    "NO_PROXY",
    "RUSTUP_",
    "SSL_CERT_",
];

/// A gateway and the registry in which it finds servers.
pub(crate) struct Place {
    pub(crate) site: Site,
    pub(crate) registry: RegistryMock,
    pub(crate) runtime: Runtime,
}

impl Place {
    pub(crate) fn of(items: impl IntoIterator<Item = RegistryItem>) -> Self {
        let runtime = Runtime::new().unwrap();
        let registry = runtime.block_on(RegistryMock::start(items)).unwrap();
        let site = Site::of(&format!("registry = \"{}\"\n[connectors]\n", registry.address()));
        Self { site, registry, runtime }
    }

    /// Returns a command with the variables that package managers need.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = self.site.command(words);
        let passed = std::env::vars().filter(|(name, _)| PASSED.iter().any(|it| name.starts_with(it)));
        command.envs(passed);
        command
    }

    /// Runs a command, and returns its exit code and its output.
    pub(crate) fn run(&self, words: &[&str]) -> (i32, String) {
        let output = self.command(words).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap_or(-1), text)
    }

    /// Runs a command that has to succeed, and returns its output.
    pub(crate) fn done(&self, words: &[&str]) -> String {
        let (code, text) = self.run(words);
        assert_eq!(code, 0, "{words:?}: {text}");
        text
    }

    /// Returns the text of gateway.toml.
    pub(crate) fn config(&self) -> String {
        std::fs::read_to_string(self.site.path().join("gateway.toml")).unwrap()
    }

    /// Returns the names of the folders of fetched packages.
    pub(crate) fn packages(&self) -> Vec<String> {
        let folder = self.site.path().join("state/gateway/packages");
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        names
    }

    /// Starts the gateway, and calls a tool as the local user.
    pub(crate) fn call(&self, tool: &str, arguments: &Value) -> Value {
        let mut peer = Peer::start(&mut self.command(&["serve", "--stdio", "--ask", "never"]));
        let answer = peer.request("tools/call", &json!({ "name": tool, "arguments": arguments }));
        peer.end();
        answer
    }
}
