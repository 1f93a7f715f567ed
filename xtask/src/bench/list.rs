//! `cargo xtask bench list`: measures the time from the start of a connector to its first complete list, compared
//! with a plain rmcp server that sends the same list from a file.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::process::Command;

use super::call::drive::Piped;
use super::compile;
use super::figure::{Bar, Figures, median};
use crate::failure::Failure;
use crate::{memory, place, release};

/// The number of runs. Each figure is the median over the runs, and both servers alternate.
const RUNS: usize = 15;
/// The maximum time and memory, as a ratio to the time and memory of the plain server.
const MOST: f64 = 1.5;

pub(super) fn run() -> Result<ExitCode, Failure> {
    if !release::is_this() {
        return release::run_again();
    }
    let connector = compile::connector()?;
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::while_("starting tokio"))?;
    runtime.block_on(measure(&connector))
}

async fn measure(connector: &Path) -> Result<ExitCode, Failure> {
    let itself = std::env::current_exe().map_err(Failure::while_("finding the path of this program"))?;
    let ready = place::target().join("bench/list.json");
    let own = || Command::new(connector);
    let (tools, ..) = listed(own()).await?;
    let count = tools.len();
    std::fs::write(&ready, Value::from(tools).to_string()).map_err(Failure::while_("writing the list"))?;
    let bare = || {
        let mut command = Command::new(&itself);
        command.args(["bench", "bare", "http://127.0.0.1:9", "--list"]).arg(&ready);
        command
    };
    let mut times: [Vec<f64>; 2] = Default::default();
    let mut sizes: [Vec<f64>; 2] = Default::default();
    for _ in 0..RUNS {
        for (at, command) in [bare(), own()].into_iter().enumerate() {
            let (tools, time, size) = listed(command).await?;
            if tools.len() != count {
                return Err(Failure::new(
                    "the connector and the server without Jackfield list different numbers of tools",
                ));
            }
            times[at].push(time);
            sizes[at].push(size);
        }
    }
    let mut figures = Figures::default();
    figures.print("list.tools", count as f64, Bar::None);
    for (name, figure) in [("ms", times), ("mb", sizes)] {
        let [bare, own] = figure.map(median);
        figures.print(&format!("list.rmcp_{name}"), bare, Bar::None);
        figures.print(&format!("list.connector_{name}"), own, Bar::None);
        figures.print(&format!("list.ratio_{name}"), own / bare, Bar::AtMost(MOST));
    }
    Ok(figures.exit())
}

/// Returns all tools, the milliseconds from the start of the process to the last page, and the memory of the process
/// at that time in megabytes.
async fn listed(command: Command) -> Result<(Vec<Value>, f64, f64), Failure> {
    let started = Instant::now();
    let mut server = Piped::start(command).await?;
    let (mut tools, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let params = if cursor.is_null() { json!({}) } else { json!({ "cursor": cursor }) };
        server.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params })).await?;
        let line = server.line().await?;
        let page: Value = serde_json::from_str(&line).map_err(Failure::while_("reading a list"))?;
        let result = &page["result"];
        tools.extend(result["tools"].as_array().cloned().unwrap_or_default());
        cursor = result["nextCursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    let time = started.elapsed().as_secs_f64() * 1e3;
    let held = server.id().and_then(|id| memory::held_kib(&id.to_string())).unwrap_or_default();
    Ok((tools, time, held as f64 / 1e3))
}
