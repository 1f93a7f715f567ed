//! The gateway `mcp-proxy`, from crates.io.

use std::path::PathBuf;

use tokio::process::Command;

use super::contestant::{Contestant, folder, free_port, fresh_folder, write};
use crate::failure::Failure;

const VERSION: &str = "0.6.0";

/// Installs mcp-proxy below the target folder, unless it is installed there.
pub(super) fn install() -> Result<PathBuf, Failure> {
    let root = folder().join("mcp-proxy");
    let program = root.join("bin/mcp-proxy").with_extension(std::env::consts::EXE_EXTENSION);
    if program.is_file() {
        return Ok(program);
    }
    let mut cargo = jackfield_testkit::cargo();
    cargo.args(["install", "--quiet", "--locked", "mcp-proxy", "--version", VERSION, "--root"]).arg(root);
    cargo.arg("--target-dir").arg(folder().join("build"));
    match cargo.status().map_err(Failure::while_("starting cargo"))?.success() {
        true => Ok(program),
        false => Err(Failure::new(format!("mcp-proxy {VERSION} cannot be installed"))),
    }
}

/// Starts mcp-proxy without middleware, as in its own benchmark, and without a log of each call.
pub(super) async fn start(program: PathBuf, upstream: &str) -> Result<Contestant, Failure> {
    let (folder, port) = (fresh_folder("mcp-proxy-site")?, free_port()?);
    let config = format!(
        "[proxy]\nname = \"bench\"\n[proxy.listen]\nhost = \"127.0.0.1\"\nport = {port}\n\
         [[backends]]\nname = \"up\"\ntransport = \"http\"\nurl = \"{upstream}\"\n\
         [observability]\nlog_level = \"off\"\n"
    );
    let file = folder.join("proxy.toml");
    write(&file, &config)?;
    let mut command = Command::new(program);
    command.arg("--config").arg(file).current_dir(&folder);
    Contestant::start("mcp-proxy", &mut command, format!("http://127.0.0.1:{port}/"), None).await
}
