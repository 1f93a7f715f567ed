//! Measures the gateway with many servers and agents: memory, the first list, and processes.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::process::Command;
use tokio::task::JoinSet;

use super::contestant::Contestant;
use super::own::Site;
use super::session::{Place, Session};
use crate::bench::figure::{Bar, Figures, median};
use crate::bench::serve::{run_once, token};
use crate::failure::Failure;
use crate::memory;

const UPSTREAMS: usize = 20;
const TOOLS: usize = 50;
const AGENTS: usize = 1_000;
/// The maximum memory, in megabytes.
const MOST_MEMORY: f64 = 40.0;
/// The maximum times until the first list, in milliseconds. The cold time runs from the start of a gateway with a new store. The pinned
/// time covers only the answers, with a store that already contains the lists.
const LONGEST_COLD: f64 = 300.0;
const LONGEST_PINNED: f64 = 5.0;
/// The number of starts with a store that already contains the lists.
const STARTS: usize = 5;

/// Measures a gateway with 20 children of 50 tools each.
pub(super) async fn measure(gateway: &Path, figures: &mut Figures) -> Result<(), Failure> {
    let itself = std::env::current_exe().map_err(Failure::while_("finding the path of this program"))?;
    let mut config = String::new();
    for at in 0..UPSTREAMS {
        let _ = writeln!(
            config,
            "[connectors.s{at}x]\ncommand = [{:?}, \"bench\", \"echo\", \"--tools\", \"{TOOLS}\"]\n\
             [connectors.s{at}x.effects]\necho = \"read\"",
            itself.display().to_string()
        );
    }
    for at in 0..AGENTS {
        let one = at % UPSTREAMS;
        let _ = writeln!(config, "[agents.agent-{at}]\nconnectors = [\"s{one}x\"]\neffects = \"read\"");
    }
    // The rights of this account include all tools.
    let all = (0..UPSTREAMS).map(|at| format!("\"s{at}x\"")).collect::<Vec<_>>().join(", ");
    let _ = writeln!(config, "[agents.all]\nconnectors = [{all}]\neffects = \"destroy\"");

    let (mut cold, mut all) = (Vec::new(), String::new());
    let mut site = Site::new(gateway, "size", &config)?;
    for _ in 0..STARTS {
        site = Site::new(gateway, "size", &config)?;
        run_once(site.command(&["apply"])).await?;
        all = token(site.command(&["token", "add", "all"])).await?;
        let began = Instant::now();
        let (gateway, _) = first(&site, &all).await?;
        cold.push(millis(began.elapsed()));
        stop(gateway).await?;
    }
    figures.print("gateway.list.cold_ms", median(cold), Bar::AtMost(LONGEST_COLD));

    let (mut starts, mut lists) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let began = Instant::now();
        let (process, list) = first(&site, &all).await?;
        starts.push(millis(began.elapsed()));
        lists.push(millis(list));
        stop(process).await?;
    }
    figures.print("gateway.list.pinned_with_start_ms", median(starts), Bar::None);
    figures.print("gateway.list.pinned_ms", median(lists), Bar::AtMost(LONGEST_PINNED));

    let mut tokens = Vec::new();
    for at in 0..AGENTS {
        tokens.push(token(site.command(&["token", "add", &format!("agent-{at}")])).await?);
    }
    let (gateway, _) = first(&site, &all).await?;
    let Some(id) = gateway.id() else { return Err(Failure::new("the gateway has ended")) };
    figures.print("gateway.memory.idle_mb", megabytes(&id), Bar::None);
    let (most, children) = under_load(&site, &id, tokens).await?;
    figures.print("gateway.memory_mb", most, Bar::AtMost(MOST_MEMORY));
    figures.print("gateway.children", children.len() as f64, Bar::AtMost(UPSTREAMS as f64));
    stop(gateway).await?;
    let left = left_of(&children).await;
    figures.print("gateway.children_left", left as f64, Bar::AtMost(0.0));
    Ok(())
}

/// Starts the gateway, and lists every tool. Returns the gateway, and the time that the answers took.
async fn first(site: &Site, token: &str) -> Result<(Contestant, Duration), Failure> {
    let mut command = site.command(&["serve", "--ask", "never"]);
    let bearer = Some(token.to_owned());
    let contestant = Contestant::serving("jackfield", &mut command, site.url(), bearer).await?;
    let mut session = Session::open(&contestant.place).await?;
    let (tools, took) = session.tools().await?;
    match tools.len() == UPSTREAMS * TOOLS {
        true => Ok((contestant, took)),
        false => Err(Failure::new(format!("only {} of all tools are listed", tools.len()))),
    }
}

/// Lets every agent list and call tools. Returns the peak memory, and the processes that the gateway has started.
async fn under_load(site: &Site, id: &str, tokens: Vec<String>) -> Result<(f64, Vec<String>), Failure> {
    let mut agents = JoinSet::new();
    let slots = std::sync::Arc::new(tokio::sync::Semaphore::new(32));
    for (at, token) in tokens.into_iter().enumerate() {
        let tool = format!("s{}x_echo", at % UPSTREAMS);
        let (place, slots) = (Place { url: site.url(), bearer: Some(token), tool }, slots.clone());
        agents.spawn(async move {
            let _slot = slots.acquire().await;
            let mut session = Session::open(&place).await?;
            session.tools().await?;
            for _ in 0..5 {
                session.call().await?;
            }
            Ok::<_, Failure>(())
        });
    }
    let mut most = 0.0_f64;
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    loop {
        tokio::select! {
            ended = agents.join_next() => match ended {
                Some(ended) => ended.map_err(Failure::while_("waiting for agents"))??,
                None => break,
            },
            _ = ticks.tick() => most = most.max(megabytes(id)),
        }
    }
    Ok((most.max(megabytes(id)), children_of(id)))
}

/// Returns the child processes of the process `id`.
fn children_of(id: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    let is_child = |process: &String| {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        status.lines().any(|line| line.strip_prefix("PPid:").is_some_and(|parent| parent.trim() == id))
    };
    names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter(is_child).collect()
}

/// Returns the number of processes that still run. An ended process may exist for a moment longer, so this function waits at most a second
/// for processes to disappear.
async fn left_of(processes: &[String]) -> usize {
    let began = Instant::now();
    loop {
        let left = processes.iter().filter(|id| runs(id)).count();
        if left == 0 || began.elapsed() > Duration::from_secs(1) {
            return left;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Whether a process runs. A zombie has ended, although its new parent has not removed it yet.
fn runs(id: &str) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(id).join("status"));
    status.is_ok_and(|status| !status.lines().any(|line| line.starts_with("State:\tZ")))
}

/// Asks the gateway to end, and waits.
async fn stop(mut gateway: Contestant) -> Result<(), Failure> {
    let Some(id) = gateway.id() else { return Ok(()) };
    let asked = Command::new("kill").arg(id).status().await;
    asked.map_err(Failure::while_("stopping the gateway"))?;
    match &mut gateway.process {
        Some(process) => process.wait().await.map(drop).map_err(Failure::while_("stopping the gateway")),
        None => Ok(()),
    }
}

fn megabytes(id: &str) -> f64 {
    memory::held_kib(id).unwrap_or_default() as f64 / 1024.0
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
