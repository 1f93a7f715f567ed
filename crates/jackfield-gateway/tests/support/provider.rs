//! The authorization server oidc-provider, which is installed in tests/oauth.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use super::{Lines, PATIENCE};

/// A running oidc-provider, whose user consents to everything.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    process: Child,
}

impl Provider {
    /// Starts the provider. Reports a skipped test and returns `None` if it is not installed.
    pub(crate) fn start() -> Option<Self> {
        let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oauth");
        let has = |program: &str| {
            Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success())
        };
        if !has("node") || !has("curl") || !folder.join("node_modules/oidc-provider").exists() {
            let report = "node, curl or oidc-provider is not installed: see tests/oauth/README.md";
            assert!(std::env::var_os("JACKFIELD_REQUIRE_OAUTH").is_none(), "{report}");
            jackfield_testkit::skipped(report);
            return None;
        }
        let mut command = Command::new("node");
        command.args(["provider_server.mjs", "3600"]).current_dir(folder);
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let output = Lines::of(process.stdout.take().unwrap());
        let issuer = output.next(Instant::now() + PATIENCE, "the address of the provider");
        Some(Self { issuer: issuer.trim().to_owned(), process })
    }

    /// Returns the provider's introspection response for a token.
    pub(crate) fn introspect(&self, token: &str) -> Value {
        let address = format!("{}/token/introspection", self.issuer);
        let form = format!("token={token}&client_id=native");
        let output = Command::new("curl").args(["-s", "-d", &form, &address]).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
