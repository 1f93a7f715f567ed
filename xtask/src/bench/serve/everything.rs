//! A server for several users, with all options on.

use std::path::Path;

use jackfield_testkit::Issuer;
use serde_json::json;
use tokio::process::Command;

use crate::failure::Failure;

/// The options in addition to tokens and rights.
pub(in crate::bench) const SERVE_ALL: [&str; 6] =
    ["--rate", "1000000/s", "--concurrent", "1000", "--audit", "on"];

/// The files and tokens of a server with all checks and records.
pub(super) struct Everything {
    /// A named token of the caller.
    pub(super) token: String,
    issuer: String,
    /// The path of the file with the rights of callers.
    pub(super) rights: String,
}

impl Everything {
    pub(super) fn prepare(issuer: &Issuer, folder: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(folder).map_err(Failure::while_("making the bench folder"))?;
        let file = folder.join("rights.toml");
        let subject = format!("{}#reader", issuer.url());
        let rights = format!(
            "[[rule]]\nprincipals = [\"token:*\"]\neffects = \"read\"\n\n[[rule]]\nprincipals = [\"{subject}\"]\n\
             effects = \"read\"\ntools = [\"*\"]\nscopes = [\"books.read\"]\n"
        );
        std::fs::write(&file, rights).map_err(Failure::while_("writing the rights"))?;
        let claims = json!({ "aud": "bench", "sub": "reader", "scope": "books.read" });
        let token = issuer.token(&json!({}), &claims);
        Ok(Self { token, issuer: issuer.url(), rights: file.display().to_string() })
    }

    pub(super) fn options(&self) -> Vec<&str> {
        let who = ["--issuer", &self.issuer, "--audience", "bench", "--credentials", "service"];
        [&who[..], &SERVE_ALL].concat()
    }
}

/// Runs a command of the connector, and waits until it ends.
pub(in crate::bench) async fn run_once(mut command: Command) -> Result<(), Failure> {
    let output = command.output().await.map_err(Failure::while_("starting the connector"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(Failure::new(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}
