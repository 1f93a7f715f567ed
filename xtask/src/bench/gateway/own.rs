//! Our gateway.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::contestant::{Contestant, free_port, fresh_folder, write};
use crate::bench::serve::{SERVE_ALL, run_once, token};
use crate::failure::Failure;
use crate::workspace_build::{self, Profile};

/// Builds the gateway in release, as users install it, and returns the path of the program.
pub(super) fn build() -> Result<PathBuf, Failure> {
    workspace_build::build(&["--package", "jackfield-gateway"], "jackfield-gateway", Profile::Release)
}

/// A folder with gateway.toml.
pub(super) struct Site {
    program: PathBuf,
    pub(super) folder: PathBuf,
    port: u16,
}

impl Site {
    pub(super) fn new(program: &Path, name: &str, config: &str) -> Result<Self, Failure> {
        let (folder, port) = (fresh_folder(name)?, free_port()?);
        let text = format!("listen = \"127.0.0.1:{port}\"\nstore = \"state\"\n{config}");
        write(&folder.join("gateway.toml"), &text)?;
        Ok(Self { program: program.to_owned(), folder, port })
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/mcp", self.port)
    }

    pub(super) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).current_dir(&self.folder);
        // The command uses neither the user's vault nor the user's log settings.
        command
            .env("JACKFIELD_VAULT", self.folder.join("vault"))
            .env("JACKFIELD_VAULT_KEY_FILE", self.folder.join("vault-key"));
        command
    }

    pub(super) async fn serve(
        &self,
        name: &'static str,
        options: &[&str],
        bearer: Option<String>,
    ) -> Result<Contestant, Failure> {
        let words = [&["serve", "--ask", "never"][..], options].concat();
        Contestant::start(name, &mut self.command(&words), self.url(), bearer).await
    }
}

/// Starts the gateway without tokens, limits and audit.
pub(super) async fn plain(program: &Path, upstream: &str) -> Result<Contestant, Failure> {
    let config = format!("[connectors.up]\nurl = \"{upstream}\"\n[connectors.up.effects]\necho = \"read\"\n");
    Site::new(program, "plain", &config)?.serve("jackfield", &["--http-auth", "none"], None).await
}

/// Starts the gateway with a token and the rights of an agent, limits, and audit of reads.
pub(super) async fn full(program: &Path, upstream: &str) -> Result<Contestant, Failure> {
    let config = format!(
        "[connectors.up]\nurl = \"{upstream}\"\n[connectors.up.effects]\necho = \"read\"\n\
         [agents.bench]\nconnectors = [\"up\"]\neffects = \"read\"\n"
    );
    let site = Site::new(program, "full", &config)?;
    run_once(site.command(&["apply"])).await?;
    let token = token(site.command(&["token", "add", "bench"])).await?;
    site.serve("jackfield_full", &SERVE_ALL, Some(token)).await
}
