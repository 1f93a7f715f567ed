//! `cargo xtask bench serve`: the cost of a call over HTTP with everything off and with everything on, compared with
//! the bare rmcp server, and the memory of a server with many tools.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use tokio::process::Command;

use super::call::drive::Posted;
use super::call::{CALLS, ROUNDS, WARM, request, started, upstream};
use super::figure::{Bar, Figures, median};
use crate::failure::Failure;
use crate::{memory, place, release};

/// The minimum ratio of the connector's calls per time to those of the bare server.
const SHARE_OFF: f64 = 0.85;
/// The minimum ratio of the calls per time with everything on to those with everything off.
const SHARE_ON: f64 = 0.75;
/// The maximum memory of a server with many tools, in megabytes.
const MEMORY: f64 = 30.0;

pub(super) fn run() -> Result<ExitCode, Failure> {
    if !release::is_this() {
        return release::run_again();
    }
    let connector = build()?;
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::while_("starting tokio"))?;
    runtime.block_on(measure(&connector))
}

async fn measure(connector: &Path) -> Result<ExitCode, Failure> {
    let upstream = upstream::start().await?;
    let itself = std::env::current_exe().map_err(Failure::while_("finding this program"))?;
    let state = place::target().join("bench/serve");
    let _ = std::fs::remove_dir_all(&state);
    let own = |words: &[&str]| command(connector, &state, &upstream, words);
    let mut bare = Command::new(&itself);
    bare.args(["bench", "bare", &upstream, "--http"]);
    let (bare, _bare) = started(bare, None).await?;
    let off = ["serve", "--http", "127.0.0.1:0", "--http-auth", "none"];
    let (off, _off) = started(own(&off), None).await?;
    let token = token(own(&["token", "add", "bench"])).await?;
    let tokens = ["--http-auth", "named-tokens", "--credentials", "service"];
    let audit = ["--audit", "on", "--rate", "1000000/s"];
    let serve = |words: &[&str]| own(&[&["serve", "--http", "127.0.0.1:0"], words].concat());
    let (audited, _audited) = started(serve(&[&["--http-auth", "none"], &audit[..]].concat()), None).await?;
    let (named, _named) = started(serve(&tokens), Some(token.clone())).await?;
    let (on, _on) = started(serve(&[&tokens[..], &audit].concat()), Some(token)).await?;
    for server in [&bare, &off, &audited, &named, &on] {
        server.ready().await?;
    }
    println!("# everything on: named tokens, limits, metrics, audit of reads; off: JWT, rights");

    let mut figures = Figures::default();
    for at_once in [1, 32] {
        let mut times: [Vec<f64>; 6] = Default::default();
        for round in 0..=ROUNDS {
            let count = if round == 0 { WARM } else { CALLS };
            let these = [
                request(&upstream, count, at_once).await?,
                bare.calls(count, at_once).await?,
                off.calls(count, at_once).await?,
                audited.calls(count, at_once).await?,
                named.calls(count, at_once).await?,
                on.calls(count, at_once).await?,
            ];
            if round > 0 {
                times.iter_mut().zip(these).for_each(|(times, time)| times.push(time.as_secs_f64() * 1e6));
            }
        }
        let [plain, bare, off, audited, named, on] = times.map(median);
        figures.print(&format!("serve.{at_once}.request_us"), plain, Bar::None);
        figures.print(&format!("serve.{at_once}.rmcp_us"), bare, Bar::None);
        figures.print(&format!("serve.{at_once}.off_us"), off, Bar::None);
        figures.print(&format!("serve.{at_once}.audit_us"), audited, Bar::None);
        figures.print(&format!("serve.{at_once}.tokens_us"), named, Bar::None);
        figures.print(&format!("serve.{at_once}.on_us"), on, Bar::None);
        figures.print(&format!("serve.{at_once}.off_share"), bare / off, Bar::AtLeast(SHARE_OFF));
        figures.print(&format!("serve.{at_once}.on_share"), off / on, Bar::AtLeast(SHARE_ON));
    }
    memory_under_load(&mut figures).await?;
    Ok(figures.exit())
}

/// A command of the connector, with a state of its own.
pub(super) fn command(connector: &Path, state: &Path, upstream: &str, words: &[&str]) -> Command {
    let mut command = Command::new(connector);
    command
        .args(words)
        .env("BOOKSHOP_BASE_URL", format!("{upstream}/v1"))
        .env("BOOKSHOP_ORIGINS", upstream)
        .env("BOOKSHOP_TOKEN", "token-of-the-shop")
        // Neither the vault nor the state of the user is used.
        .env("JACKFIELD_VAULT", state.join("vault"))
        .env("JACKFIELD_VAULT_KEY_FILE", state.join("vault-key"))
        .env("JACKFIELD_STATE", state.join("state"));
    if let Err(error) = std::fs::create_dir_all(state) {
        eprintln!("cannot create {}: {error}", state.display());
    }
    command
}

/// The token that `token add` prints.
async fn token(mut command: Command) -> Result<String, Failure> {
    let output = command.output().await.map_err(Failure::while_("adding a token"))?;
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let is_token = |word: &&str| {
        word.len() >= 30 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    let token = text.split_whitespace().find(is_token).map(str::to_owned);
    token.ok_or_else(|| Failure::new(format!("`token add` printed no token: {text}")))
}

/// The memory of a server with the tools of a large document, while clients list and call them.
async fn memory_under_load(figures: &mut Figures) -> Result<(), Failure> {
    let document = place::root().join("../shared/corpus/github.json");
    if !document.exists() {
        println!("# SKIPPED: serve.memory_mb needs {}", document.display());
        return Ok(());
    }
    let mut preview = Command::new(cli()?);
    let state = place::target().join("bench/serve-preview");
    preview.arg("preview").arg(&document).args(["--http", "127.0.0.1:0", "--http-auth", "none"]);
    preview.env("JACKFIELD_VAULT", state.join("vault")).env("JACKFIELD_STATE", state.join("state"));
    let (server, child) = started(preview, None).await?;
    let Some(id) = child.id().map(|id| id.to_string()) else {
        return Err(Failure::new("the server has ended"));
    };
    let mut most = 0;
    for round in 0..200 {
        let listed = list(&server).await?;
        if round == 0 {
            figures.print("serve.tools", listed as f64, Bar::None);
        }
        let unknown =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "none" } });
        server.send(&unknown).await?;
        most = most.max(memory::held_kib(&id).unwrap_or_default());
    }
    figures.print("serve.memory_mb", most as f64 / 1024.0, Bar::AtMost(MEMORY));
    Ok(())
}

/// Lists all pages, and returns the number of tools.
async fn list(server: &Posted) -> Result<usize, Failure> {
    let (mut count, mut cursor) = (0, Value::Null);
    loop {
        let params = if cursor.is_null() { json!({}) } else { json!({ "cursor": cursor }) };
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params });
        let answer = server.send(&message).await?;
        let answer: Value = serde_json::from_str(&answer).map_err(Failure::while_("reading a list"))?;
        count += answer["result"]["tools"].as_array().map_or(0, Vec::len);
        cursor = answer["result"]["nextCursor"].clone();
        if cursor.is_null() {
            return Ok(count);
        }
    }
}

/// The bookshop's connector, in release, for servers that many people use.
pub(super) fn build() -> Result<PathBuf, Failure> {
    release_of(&["--package", "bookshop-mcp", "--features", "jackfield-runtime/serve"])?;
    Ok(place::target().join("release/bookshop-mcp"))
}

/// The command line, in release.
fn cli() -> Result<PathBuf, Failure> {
    release_of(&["--package", "jackfield-cli", "--bin", "jackfield"])?;
    Ok(place::target().join("release/jackfield"))
}

fn release_of(words: &[&str]) -> Result<(), Failure> {
    let status = jackfield_testkit::cargo()
        .args(["build", "--release"])
        .args(words)
        .arg("--manifest-path")
        .arg(place::root().join("Cargo.toml"))
        .status()
        .map_err(Failure::while_("starting cargo"))?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::new(format!("this does not build: cargo build --release {}", words.join(" ")))),
    }
}
