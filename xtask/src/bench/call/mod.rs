//! `cargo xtask bench call`: the cost of a call through a connector, compared with a plain HTTP request and with a
//! plain rmcp server that sends the same request.

mod bare;
pub(super) mod drive;
pub(super) mod upstream;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bytes::Bytes;
use http_body_util::Empty;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use super::figure::{Bar, Figures, median};
use crate::failure::Failure;
use crate::workspace_build::{self, Profile};
use crate::{place, release};
pub(crate) use bare::{Bare, run as run_bare};
use drive::{Piped, Posted, together};

/// The number of rounds. Each figure is the median over the rounds, and the variants alternate in each round.
pub(super) const ROUNDS: usize = 9;
/// The number of calls in a round.
pub(super) const CALLS: usize = 2_000;
/// The number of calls before the measurement.
pub(super) const WARM: usize = 500;
/// The minimum throughput of the connector, as a ratio to the throughput of the plain server.
const SHARE: f64 = 0.85;

pub(super) fn run() -> Result<ExitCode, Failure> {
    release::run_async(async || measure(&build()?).await)
}

async fn measure(connector: &Path) -> Result<ExitCode, Failure> {
    let upstream = upstream::start().await?;
    let itself = std::env::current_exe().map_err(Failure::while_("finding the path of this program"))?;
    let bare = |http: bool| {
        let mut command = Command::new(&itself);
        command.args(["bench", "bare", &upstream]).args(http.then_some("--http"));
        command
    };
    let connector = |words: &[&str]| {
        let mut command = Command::new(connector);
        command
            .args(words)
            .env("BOOKSHOP_BASE_URL", format!("{upstream}/v1"))
            .env("BOOKSHOP_ORIGINS", &upstream)
            .env("BOOKSHOP_TOKEN", "token-of-the-shop")
            // An empty folder replaces the user's vault.
            .env("JACKFIELD_VAULT", place::target().join("bench/call/vault"));
        command
    };

    let mut figures = Figures::default();
    let mut bare_pipe = Piped::start(bare(false)).await?;
    let mut pipe = Piped::start(connector(&["serve"])).await?;
    let (bare_post, _bare) = posted(bare(true)).await?;
    let (post, _connector) =
        posted(connector(&["serve", "--http", "127.0.0.1:0", "--http-auth", "none"])).await?;
    for at_once in [1, 32] {
        let mut times: [Vec<f64>; 5] = Default::default();
        for round in 0..=ROUNDS {
            let count = if round == 0 { WARM } else { CALLS };
            let these = [
                request(&upstream, count, at_once).await?,
                bare_pipe.calls(count, at_once).await?,
                pipe.calls(count, at_once).await?,
                bare_post.calls(count, at_once).await?,
                post.calls(count, at_once).await?,
            ];
            if round > 0 {
                times.iter_mut().zip(these).for_each(|(times, time)| times.push(time.as_secs_f64() * 1e6));
            }
        }
        let [plain, bare_pipe, pipe, bare_post, post] = times.map(median);
        figures.print(&format!("call.{at_once}.request_us"), plain, Bar::None);
        for (name, bare, own) in [("stdio", bare_pipe, pipe), ("http", bare_post, post)] {
            figures.print(&format!("call.{at_once}.{name}.rmcp_us"), bare, Bar::None);
            figures.print(&format!("call.{at_once}.{name}.connector_us"), own, Bar::None);
            figures.print(&format!("call.{at_once}.{name}.share"), bare / own, Bar::AtLeast(SHARE));
        }
    }
    Ok(figures.exit())
}

/// Returns the time per plain request.
pub(super) async fn request(
    upstream: &str,
    count: usize,
    at_once: usize,
) -> Result<std::time::Duration, Failure> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let upstream = upstream.to_owned();
    together(count, at_once, move |_| {
        let (client, upstream) = (client.clone(), upstream.clone());
        async move {
            let text = bare::get(&client, &upstream, "bk_0117").await;
            text.map(drop).map_err(Failure::while_("sending a request"))
        }
    })
    .await
}

/// Starts a server over HTTP, which prints its URL, and returns a client.
async fn posted(command: Command) -> Result<(Posted, tokio::process::Child), Failure> {
    let (posted, child) = started(command, None).await?;
    posted.ready().await?;
    Ok((posted, child))
}

/// Starts a server over HTTP, and returns a client that sends this token.
pub(super) async fn started(
    mut command: Command,
    token: Option<String>,
) -> Result<(Posted, tokio::process::Child), Failure> {
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(Failure::while_("starting a server"))?;
    let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Failure::new("a server process has no pipes for its streams"));
    };
    let (mut output, mut errors) = (BufReader::new(output).lines(), BufReader::new(errors).lines());
    let url = async {
        loop {
            let line = tokio::select! {
                line = output.next_line() => line,
                line = errors.next_line() => line,
            };
            let line = line.map_err(Failure::while_("starting a server"))?;
            let Some(line) = line else {
                return Err(Failure::new("an HTTP server does not print its URL"));
            };
            if let Some(at) = line.find("http://127.0.0.1:")
                && let Some(end) = line[at..].find("/mcp")
            {
                return Ok(line[at..at + end + "/mcp".len()].to_owned());
            }
        }
    };
    let posted = Posted::new(&url.await?).with_bearer(token);
    // The pipes are read, because a full pipe would block the server.
    tokio::spawn(async move { while let Ok(Some(_)) = output.next_line().await {} });
    tokio::spawn(async move { while let Ok(Some(_)) = errors.next_line().await {} });
    Ok((posted, child))
}

/// Builds the bookshop's connector in release, with HTTP, and returns the path of the program.
fn build() -> Result<PathBuf, Failure> {
    let words = ["--package", "bookshop-mcp", "--features", "jackfield-runtime/http"];
    workspace_build::build(&words, "bookshop-mcp", Profile::Release)
}
