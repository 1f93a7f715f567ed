//! `cargo xtask soak`: calls a server for a long time through a service with random faults, and checks that
//! the server's memory and file descriptors stay flat and that its audit is complete.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::task::JoinSet;

use super::call::started;
use super::figure::{Bar, Figures, median};
use super::serve::{build, command};
use crate::failure::Failure;
use crate::{memory, place, release};

/// The number of calls per second.
const RATE: u32 = 200;
/// The maximum growth of the median memory from the second third of the run to the last, in megabytes. Medians are compared, because a peak
/// depends on the number of large replies that arrive at one moment.
const GROWTH: f64 = 4.0;
/// The maximum growth of the median of open descriptors from the second third of the run to the last. Medians are compared, because a short
/// delay of the machine opens additional connections and so changes a single count.
const DESCRIPTORS: f64 = 8.0;

/// The variable with which glibc reads settings of its allocator.
const TUNABLES: &str = "GLIBC_TUNABLES";

/// Runs the soak test for this many seconds.
pub(crate) fn run(seconds: u64) -> Result<ExitCode, Failure> {
    if !release::is_this() {
        return release::run_again();
    }
    let connector = build()?;
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::while_("starting tokio"))?;
    runtime.block_on(soak(&connector, seconds.max(3)))
}

async fn soak(connector: &Path, seconds: u64) -> Result<ExitCode, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Failure::while_("listening"))?;
    let upstream = format!("http://{}", listener.local_addr().map_err(Failure::while_("listening"))?);
    tokio::spawn(serve_faults(listener));
    let state = place::target().join("bench/soak");
    let _ = std::fs::remove_dir_all(&state);
    let own = |words: &[&str]| command(connector, &state, &upstream, words);
    let serve = ["serve", "--http", "127.0.0.1:0", "--http-auth", "none", "--audit", "on"];
    let mut serving = own(&serve);
    serving.env("BOOKSHOP_MAX_CALLS", "512").env(TUNABLES, documented_tunables()?);
    let (server, mut child) = started(serving, None).await?;
    let Some(id) = child.id().map(|id| id.to_string()) else {
        return Err(Failure::new("the server has ended"));
    };

    let (answered, unanswered) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (mut calls, mut flying) = (0, JoinSet::new());
    let mut held: [Vec<f64>; 3] = Default::default();
    let mut open: [Vec<f64>; 3] = Default::default();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / RATE);
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(seconds) {
        ticks.tick().await;
        while flying.try_join_next().is_some() {}
        let (server, answered, unanswered) = (server.clone(), Arc::clone(&answered), Arc::clone(&unanswered));
        let call = json!({ "jsonrpc": "2.0", "id": calls, "method": "tools/call", "params": {
            "name": "get_book", "arguments": { "bookId": format!("bk_{calls}") } } });
        calls += 1;
        flying.spawn(async move {
            // The call counts as answered even if the service answered with a fault.
            let count = match server.send(&call).await {
                Ok(answer) if answer.contains("\"result\"") => &answered,
                _ => &unanswered,
            };
            count.fetch_add(1, Ordering::Relaxed);
        });
        if calls % RATE as usize == 0 {
            let third = (began.elapsed().as_secs() * 3 / seconds).min(2) as usize;
            held[third].push(memory::held_kib(&id).unwrap_or_default() as f64 / 1024.0);
            open[third].push(descriptors(&id) as f64);
        }
    }
    while flying.join_next().await.is_some() {}
    let term = Command::new("kill").args(["-TERM", &id]).status().await;
    term.map_err(Failure::while_("stopping the server"))?;
    let ended = child.wait().await.map_err(Failure::while_("waiting for the server"))?;
    let verified =
        own(&["audit", "verify"]).output().await.map_err(Failure::while_("verifying the audit log"))?;
    let report = String::from_utf8_lossy(&verified.stdout).into_owned();
    let records: f64 = report.split(' ').next().and_then(|it| it.parse().ok()).unwrap_or_default();

    let peak = held.iter().flatten().copied().fold(0.0, f64::max);
    let [_, second, last] = held.map(median);
    let most_open = open.iter().flatten().copied().fold(0.0, f64::max);
    let [_, second_open, last_open] = open.map(median);
    let mut figures = Figures::default();
    figures.print("soak.calls", f64::from(u32::try_from(calls).unwrap_or(u32::MAX)), Bar::None);
    figures.print("soak.per_second", calls as f64 / seconds as f64, Bar::AtLeast(f64::from(RATE) * 0.9));
    figures.print("soak.unanswered", unanswered.load(Ordering::Relaxed) as f64, Bar::AtMost(0.0));
    figures.print("soak.peak_memory_mb", peak, Bar::None);
    figures.print("soak.memory_mb", last, Bar::None);
    figures.print("soak.memory_growth_mb", last - second, Bar::AtMost(GROWTH));
    figures.print("soak.peak_descriptors", most_open, Bar::None);
    figures.print("soak.descriptors", last_open, Bar::None);
    figures.print("soak.descriptors_growth", last_open - second_open, Bar::AtMost(DESCRIPTORS));
    figures.print("soak.exit_code", f64::from(ended.code().unwrap_or(-1)), Bar::AtMost(0.0));
    // Each call has one record before it is sent, and another record at its end.
    figures.print("soak.audit_records_per_call", records / calls as f64, Bar::AtLeast(2.0));
    figures.print("soak.audit_problems", f64::from(u8::from(!verified.status.success())), Bar::AtMost(0.0));
    if !verified.status.success() {
        eprintln!("{report}");
    }
    Ok(figures.exit())
}

/// Returns the value that the systemd unit in `docs/serving.md` gives to [`TUNABLES`], so that the server is measured as it is deployed.
fn documented_tunables() -> Result<String, Failure> {
    let page = place::root().join("docs/serving.md");
    let text = std::fs::read_to_string(&page).map_err(Failure::while_("reading docs/serving.md"))?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Environment=")?.strip_prefix(TUNABLES)?.strip_prefix('='));
    line.map(str::to_owned)
        .ok_or_else(|| Failure::new(format!("{} does not set {TUNABLES}", place::shown(&page))))
}

/// Returns the number of open file descriptors of a process.
fn descriptors(id: &str) -> usize {
    std::fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count)
}

/// Serves with random faults: resets connections, answers late, answers with status 500, or sends far too much.
async fn serve_faults(listener: TcpListener) {
    let seed = Arc::new(AtomicU64::new(1));
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, Arc::clone(&seed)));
    }
}

async fn answer(mut stream: TcpStream, seed: Arc<AtomicU64>) {
    let mut head = Vec::new();
    while let Ok(1..) = stream.read_buf(&mut head).await {
        while let Some(at) = head.windows(4).position(|end| end == b"\r\n\r\n") {
            head.drain(..at + 4);
            let random = seed.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            let random = (random ^ (random >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40;
            let (status, body) = match random % 100 {
                0..5 => return,
                5..8 => {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{").await;
                    return;
                }
                8..13 => {
                    tokio::time::sleep(Duration::from_millis(random % 2_000)).await;
                    ("200 OK", r#"{"id":"bk_1"}"#.to_owned())
                }
                13..18 => ("500 Internal Server Error", r#"{"message":"broken"}"#.to_owned()),
                18 => ("200 OK", format!(r#"{{"id":"{}"}}"#, "x".repeat(8 << 20))),
                _ => ("200 OK", r#"{"id":"bk_1","title":"The Tailor of Gloucester"}"#.to_owned()),
            };
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}
