//! The memory of a server with the tools of a large document.

use jackfield_testkit::Issuer;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::task::JoinSet;

use super::everything::{Everything, run_once};
use crate::bench::call::drive::Posted;
use crate::bench::call::started;
use crate::bench::compile;
use crate::bench::figure::{Bar, Figures};
use crate::failure::Failure;
use crate::{memory, place};

/// The maximum memory, in megabytes.
const MOST: f64 = 30.0;
/// The number of clients that list and call tools.
const CLIENTS: usize = 32;
/// The number of repetitions per client.
const ROUNDS: usize = 100;

/// Serves the tools of a large document with all options on, while clients list and call them.
pub(super) async fn under_load(
    figures: &mut Figures,
    upstream: &str,
    issuer: &Issuer,
) -> Result<(), Failure> {
    let connector = compile::connector_with(&["jackfield-runtime/serve"])?;
    let state = place::target().join("bench/serve-memory");
    let _ = std::fs::remove_dir_all(&state);
    let everything = Everything::prepare(issuer, &state)?;
    let own = |words: &[&str]| {
        let mut command = Command::new(&connector);
        command
            .args(words)
            .env("BENCH_BASE_URL", upstream)
            .env("BENCH_ORIGINS", upstream)
            .env("BENCH_TOKEN", "token-of-the-service")
            .env("JACKFIELD_VAULT", state.join("vault"))
            .env("JACKFIELD_VAULT_KEY_FILE", state.join("vault-key"))
            .env("JACKFIELD_STATE", state.join("state"));
        command
    };
    run_once(own(&["rights", "apply", &everything.rights])).await?;
    let words = [&["serve", "--http", "127.0.0.1:0"], &everything.options()[..]].concat();
    let (server, child) = started(own(&words), Some(everything.token.clone())).await?;
    let Some(id) = child.id().map(|id| id.to_string()) else {
        return Err(Failure::new("the server has ended"));
    };
    let tools = list(&server).await?;
    figures.print("serve.tools", tools.len() as f64, Bar::None);
    let Some(tool) = tools.iter().find(|tool| tool["inputSchema"]["required"].is_null()) else {
        return Err(Failure::new("every tool needs arguments"));
    };
    let params = json!({ "name": tool["name"], "arguments": {} });
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    drop(tools);

    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (server, call) = (server.clone(), call.clone());
        clients.spawn(async move {
            for round in 0..ROUNDS {
                if round % 10 == 0 {
                    list(&server).await?;
                }
                let answer = server.send(&call).await?;
                if !answer.contains("Tailor of Gloucester") {
                    return Err(Failure::new(format!("a call was not answered: {answer}")));
                }
            }
            Ok(())
        });
    }
    let mut most = 0;
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(20));
    loop {
        tokio::select! {
            ended = clients.join_next() => match ended {
                Some(ended) => ended.map_err(Failure::while_("waiting for clients"))??,
                None => break,
            },
            _ = ticks.tick() => most = most.max(memory::held_kib(&id).unwrap_or_default()),
        }
    }
    most = most.max(memory::held_kib(&id).unwrap_or_default());
    figures.print("serve.memory_mb", most as f64 / 1024.0, Bar::AtMost(MOST));
    Ok(())
}

/// Returns all tools, from all pages of the list.
async fn list(server: &Posted) -> Result<Vec<Value>, Failure> {
    let (mut tools, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let params = if cursor.is_null() { json!({}) } else { json!({ "cursor": cursor }) };
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params });
        let answer = server.send(&message).await?;
        let mut answer: Value = serde_json::from_str(&answer).map_err(Failure::while_("reading a list"))?;
        let Some(page) = answer["result"]["tools"].as_array_mut() else {
            return Err(Failure::new(format!("the tools are not listed: {answer}")));
        };
        tools.append(page);
        cursor = answer["result"]["nextCursor"].clone();
        if cursor.is_null() {
            return Ok(tools);
        }
    }
}
