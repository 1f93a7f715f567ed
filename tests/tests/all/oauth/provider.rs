//! The authorization servers in `tests/oauth`, each started for one test.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use jackfield_testkit::skipped;
use serde_json::Value;

use super::browser::Browser;

/// An authorization server on this machine. It stops when it is dropped.
pub(super) struct Provider {
    url: String,
    process: Child,
    /// The standard output of the server, kept open so that the server can write to it.
    _output: BufReader<ChildStdout>,
}

impl Provider {
    /// Starts oidc-provider, with access tokens of that lifetime in seconds.
    pub(super) fn start(life: u32) -> Option<Self> {
        Self::run("node", "node_modules/oidc-provider", &["provider_server.mjs", &life.to_string()])
    }

    /// Starts Canaille.
    pub(super) fn canaille() -> Option<Self> {
        Self::run("venv/bin/python", "venv/lib", &["canaille_server.py"])
    }

    /// Starts a server, or returns `None` after reporting that it is not installed.
    ///
    /// # Panics
    /// If JACKFIELD_REQUIRE_OAUTH is set, a missing server is a failure.
    fn run(program: &str, installed: &str, arguments: &[&str]) -> Option<Self> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("oauth");
        let program = if program.contains('/') { folder.join(program) } else { PathBuf::from(program) };
        let version =
            Command::new(&program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !version.is_ok_and(|status| status.success()) || !folder.join(installed).exists() {
            let required = std::env::var_os("JACKFIELD_REQUIRE_OAUTH").is_some();
            assert!(!required, "{} is not installed: see tests/oauth/README.md", arguments[0]);
            skipped(&format!("{} is not installed: see tests/oauth/README.md", arguments[0]));
            return None;
        }
        let mut process = Command::new(&program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        assert!(line.starts_with("http://"), "{} does not start: {line:?}", arguments[0]);
        Some(Self { url: line.trim().to_owned(), process, _output: output })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Returns a URL of the server, leaked so that static table entries can contain it.
    pub(super) fn at(&self, path: &str) -> &'static str {
        super::leak(format!("{}{path}", self.url))
    }

    /// Whether the token is valid, because Canaille returns its owner.
    pub(super) async fn knows(&self, token: &str) -> bool {
        let answer = Browser::default().with_token(&format!("{}/oauth/userinfo", self.url), token).await;
        answer.contains("\"reader\"")
    }

    /// Returns the introspection response of oidc-provider.
    pub(super) async fn introspect(&self, token: &str) -> Value {
        let form = format!("token={token}&client_id=native");
        let answer = Browser::default().post(&format!("{}/token/introspection", self.url), &form).await;
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
