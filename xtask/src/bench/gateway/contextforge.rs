//! The gateway ContextForge, from PyPI.

use std::path::PathBuf;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::process::Command;

use super::contestant::{Contestant, folder, free_port, fresh_folder};
use crate::failure::Failure;
use crate::program;

const PACKAGE: &str = "mcp-contextforge-gateway==1.0.7.post20260921";
/// A key that only this benchmark uses.
const KEY: &str = "a-key-for-a-benchmark-of-one-machine";
const USER: &str = "admin@example.com";

/// Installs ContextForge below the target folder, unless it is installed there. Returns the folder of its programs.
pub(super) fn install() -> Result<PathBuf, Failure> {
    let venv = folder().join("contextforge");
    let programs = venv.join("bin");
    if !programs.join("mcpgateway").is_file() {
        program::output(std::process::Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        let mut pip = std::process::Command::new(programs.join("pip"));
        program::output(pip.args(["install", "--quiet", "--disable-pip-version-check", PACKAGE]))?;
    }
    Ok(programs)
}

/// Starts ContextForge without limits, records of calls and plugins. Clients need a token.
pub(super) async fn start(programs: PathBuf, upstream: &str) -> Result<Contestant, Failure> {
    let (site, port) = (fresh_folder("contextforge-site")?, free_port()?);
    let mut token = std::process::Command::new(programs.join("python"));
    token.args(["-m", "mcpgateway.utils.create_jwt_token", "--username", USER, "--admin", "--exp", "600"]);
    token.args(["--secret", KEY]).env("JWT_SECRET_KEY", KEY).current_dir(&site);
    let printed = String::from_utf8_lossy(&program::output(&mut token)?).into_owned();
    let token = printed.split_whitespace().last().unwrap_or_default().to_owned();
    let mut command = Command::new(programs.join("mcpgateway"));
    command.args(["--host", "127.0.0.1", "--port", &port.to_string()]).current_dir(&site);
    for (name, value) in [
        ("DATABASE_URL", "sqlite:///./mcp.db"),
        ("JWT_SECRET_KEY", KEY),
        ("AUTH_ENCRYPTION_SECRET", KEY),
        ("PLATFORM_ADMIN_PASSWORD", "Bench-only-0"),
        ("BASIC_AUTH_PASSWORD", "Bench-only-0"),
        ("CACHE_TYPE", "memory"),
        ("DB_METRICS_RECORDING_ENABLED", "false"),
        ("LOG_LEVEL", "ERROR"),
        ("MCPGATEWAY_ADMIN_API_ENABLED", "false"),
        ("MCPGATEWAY_UI_ENABLED", "false"),
        ("PLUGINS_ENABLED", "false"),
        ("RATE_LIMITING_ENABLED", "false"),
        ("SSRF_ALLOW_LOCALHOST", "true"),
        ("TOOL_RATE_LIMIT", "1000"),
    ] {
        command.env(name, value);
    }
    let url = format!("http://127.0.0.1:{port}/mcp");
    let mut contestant = Contestant::serving("contextforge", &mut command, url, Some(token.clone())).await?;
    let registered = json!({ "name": "up", "url": upstream, "transport": "STREAMABLEHTTP" });
    post(&format!("http://127.0.0.1:{port}/gateways"), &token, &registered).await?;
    contestant.find_tool().await?;
    Ok(contestant)
}

async fn post(url: &str, token: &str, body: &Value) -> Result<(), Failure> {
    let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let request = hyper::Request::post(url)
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .body(Full::from(body.to_string()))
        .map_err(Failure::while_("making a request"))?;
    let answer = client.request(request).await.map_err(Failure::while_("registering a server"))?;
    let status = answer.status();
    let text =
        answer.into_body().collect().await.map_err(Failure::while_("registering a server"))?.to_bytes();
    match status.is_success() {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "ContextForge does not register the server: {status}: {}",
            String::from_utf8_lossy(&text)
        ))),
    }
}
