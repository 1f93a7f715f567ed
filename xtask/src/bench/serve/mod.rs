//! `cargo xtask bench serve`: measures the cost of a call over HTTP with all options off and with all options on,
//! compared with the plain rmcp server, and the memory of a server with many tools.

mod everything;
mod memory;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use jackfield_testkit::Issuer;
use tokio::process::Command;

use super::call::{CALLS, ROUNDS, WARM, request, started, upstream};
use super::figure::{Bar, Figures, median};
use crate::failure::Failure;
use crate::workspace_build::{self, Profile};
use crate::{place, release};
use everything::Everything;
pub(super) use everything::{SERVE_ALL, run_once};

/// The minimum throughput of the connector with all options off, as a ratio to the throughput of the plain server.
const SHARE_OFF: f64 = 0.85;
/// The minimum throughput with all options on, as a ratio to the throughput with all options off.
const SHARE_ON: f64 = 0.75;

pub(super) fn run() -> Result<ExitCode, Failure> {
    release::run_async(async || measure(&build()?).await)
}

async fn measure(connector: &Path) -> Result<ExitCode, Failure> {
    let upstream = upstream::start().await?;
    let issuer = Issuer::start().await.map_err(Failure::while_("starting an issuer"))?;
    let itself = std::env::current_exe().map_err(Failure::while_("finding the path of this program"))?;
    let state = place::target().join("bench/serve");
    let _ = std::fs::remove_dir_all(&state);
    let own = |words: &[&str]| command(connector, &state, &upstream, words);
    let mut bare = Command::new(&itself);
    bare.args(["bench", "bare", &upstream, "--http"]);
    let (bare, _bare) = started(bare, None).await?;

    let everything = Everything::prepare(&issuer, &state)?;
    run_once(own(&["rights", "apply", &everything.rights])).await?;
    let token = token(own(&["token", "add", "bench"])).await?;
    let on = everything.options();
    let named = ["--http-auth", "named-tokens", "--credentials", "service"];
    let variants: [(&str, &[&str], Option<String>); 5] = [
        ("off", &["--http-auth", "none"], None),
        ("audit", &["--http-auth", "none", "--audit", "on"], None),
        ("named", &named, Some(token)),
        ("jwt", &on[..on.len() - SERVE_ALL.len()], Some(everything.token.clone())),
        ("on", &on, Some(everything.token.clone())),
    ];
    let (mut names, mut servers, mut processes) = (vec!["rmcp"], vec![bare], Vec::new());
    for (name, options, token) in variants {
        // Stored rights apply to every caller, so servers that are measured without rights have a separate state folder.
        let state = if token.is_some() { state.clone() } else { state.join(name) };
        let words = [&["serve", "--http", "127.0.0.1:0"], options].concat();
        let (server, process) = started(command(connector, &state, &upstream, &words), token).await?;
        server.ready().await?;
        names.push(name);
        servers.push(server);
        processes.push(process);
    }
    println!(
        "# in the row `on`, these are enabled: tokens of an issuer, rights, limits, metrics, audit of reads"
    );

    let mut figures = Figures::default();
    for at_once in [1, 32] {
        let mut plain = Vec::new();
        let mut times = vec![Vec::new(); servers.len()];
        for round in 0..=ROUNDS {
            let count = if round == 0 { WARM } else { CALLS };
            let request = request(&upstream, count, at_once).await?;
            plain.extend((round > 0).then_some(micros(request)));
            for (server, times) in servers.iter().zip(&mut times) {
                let time = server.calls(count, at_once).await?;
                times.extend((round > 0).then_some(micros(time)));
            }
        }
        figures.print(&format!("serve.{at_once}.request_us"), median(plain), Bar::None);
        let times: Vec<f64> = times.into_iter().map(median).collect();
        for (name, time) in names.iter().zip(&times) {
            figures.print(&format!("serve.{at_once}.{name}_us"), *time, Bar::None);
        }
        if let [bare, off, .., on] = times[..] {
            figures.print(&format!("serve.{at_once}.off_share"), bare / off, Bar::AtLeast(SHARE_OFF));
            figures.print(&format!("serve.{at_once}.on_share"), off / on, Bar::AtLeast(SHARE_ON));
        }
    }
    memory::under_load(&mut figures, &upstream, &issuer).await?;
    Ok(figures.exit())
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Returns a command of the connector that uses the state folder `state`.
pub(super) fn command(connector: &Path, state: &Path, upstream: &str, words: &[&str]) -> Command {
    let mut command = Command::new(connector);
    command
        .args(words)
        .env("BOOKSHOP_BASE_URL", format!("{upstream}/v1"))
        .env("BOOKSHOP_ORIGINS", upstream)
        .env("BOOKSHOP_TOKEN", "token-of-the-shop")
        // The command uses neither the user's vault nor the user's state.
        .env("JACKFIELD_VAULT", state.join("vault"))
        .env("JACKFIELD_VAULT_KEY_FILE", state.join("vault-key"))
        .env("JACKFIELD_STATE", state.join("state"));
    if let Err(error) = std::fs::create_dir_all(state) {
        eprintln!("cannot create {}: {error}", state.display());
    }
    command
}

/// Runs `token add`, and returns the token that it prints.
pub(super) async fn token(mut command: Command) -> Result<String, Failure> {
    let output = command.output().await.map_err(Failure::while_("adding a token"))?;
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let is_token = |word: &&str| {
        word.len() >= 30 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    let token = text.split_whitespace().find(is_token).map(str::to_owned);
    token.ok_or_else(|| Failure::new(format!("`token add` printed no token: {text}")))
}

/// Builds the bookshop's connector in release, for servers with several users, and returns the path of the program.
pub(super) fn build() -> Result<PathBuf, Failure> {
    let words = ["--package", "bookshop-mcp", "--features", "jackfield-runtime/serve"];
    workspace_build::build(&words, "bookshop-mcp", Profile::Release)
}
