//! `check`.
#![allow(clippy::print_stdout, reason = "this command prints problems")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use super::account_state::accounts;
use crate::account::StoredLogin;
use crate::config::{Confinement, ConnectorEntry, ConnectorKind};
use crate::confinement;
use crate::failure::Failure;
use crate::gateway::OpenGateway;
use crate::gateway_files::served;
use crate::package::ready::ready;
use crate::remote::program_variables::secrets_of;
use crate::wire::child;
use crate::wire::connection::Connection;
use crate::wire::http::HttpSettings;

pub(super) fn run(gateway: &OpenGateway) -> Result<ExitCode, Failure> {
    let (mut problems, mut notes) = (Vec::new(), Vec::new());
    for entry in &gateway.config().connectors {
        notes.extend(note(entry).map(|note| format!("{}: {note}", entry.name.as_str())));
        let found = connector(gateway, entry)?;
        problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", entry.name.as_str())));
    }
    let agents = gateway.agents()?.entries;
    if agents.is_empty() && gateway.config().listen.is_some() {
        problems.push(format!(
            "there is no agent, so only the user of this account can call: `{} agent add NAME --connectors NAMES` adds one",
            gateway.called()
        ));
    }
    for agent in &agents {
        for gone in agent.connectors.iter().filter(|it| gateway.config().connector(it).is_none()) {
            let (called, name) = (gateway.called(), &agent.name);
            problems.push(format!(
                "the agent `{name}` has the connector `{gone}`, which is not in gateway.toml: `{called} detach {name} {gone}` removes it from the agent"
            ));
        }
    }
    for gone in StoredLogin::connectors(gateway.store()).map_err(Failure::of)? {
        if gateway.config().connector(&gone).is_none() {
            problems.push(format!(
                "there are accounts at `{gone}`, which is not in gateway.toml: `{} remove {gone}` forgets them",
                gateway.called()
            ));
        }
    }
    for problem in notes.iter().chain(&problems) {
        println!("{problem}");
    }
    let (connectors, agents) = (gateway.config().connectors.len(), agents.len());
    println!("{connectors} connectors, {agents} agents, {} problems", problems.len());
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Returns a warning about a valid setting of a connector's program.
fn note(entry: &ConnectorEntry) -> Option<&'static str> {
    let ConnectorKind::Child(command) = &entry.kind else { return None };
    let folder = command.folder.canonicalize().ok()?;
    let is_above = |path: &PathBuf| path.canonicalize().is_ok_and(|path| path.starts_with(&folder));
    match &command.confinement {
        Confinement { is_open: true, .. } => Some(
            "`unconfined = true`: its program can read the state, the vault and the audit of the gateway, and its variables",
        ),
        confinement if confinement::is_available() && confinement.protected.iter().any(is_above) => Some(
            "its folder contains the state, the vault or the audit, so its program cannot create files there: write another folder as `directory`",
        ),
        _ => None,
    }
}

/// Returns the problems of a connector.
fn connector(gateway: &OpenGateway, entry: &ConnectorEntry) -> Result<Vec<String>, Failure> {
    let mut problems = Vec::new();
    let name = entry.name.as_str();
    match &entry.kind {
        ConnectorKind::Served(path) => {
            problems.extend(served(entry, path).err().map(|failure| failure.0));
            return Ok(problems);
        }
        ConnectorKind::Linked(_) => return Ok(problems),
        ConnectorKind::Child(command) => {
            match ready(command) {
                Ok(command) => {
                    problems.extend(child::program(&command).err().map(|fault| fault.to_string()));
                }
                Err(fault) => problems.push(fault.to_string()),
            }
            problems.extend(confinement::check(&command.confinement).err());
            for variable in &command.passed {
                if std::env::var_os(variable).is_none() {
                    problems.push(format!("the variable {variable} in `pass` is not set"));
                }
            }
        }
        ConnectorKind::Http(upstream) => {
            let (pins, environment) = (gateway.store(), gateway.environment());
            let checked = secrets_of(name, &entry.kind, None, environment).and_then(|secrets| {
                Connection::check(&HttpSettings { pins, name, upstream, environment, secrets: &secrets })
            });
            problems.extend(checked.err().map(|fault| fault.to_string()));
        }
    }
    for account in accounts(gateway, entry)? {
        problems.extend(account.problem(gateway, name)?);
    }
    let Some(server) = gateway.pinned(entry).map_err(Failure::of)? else {
        problems.push(format!("it is not attached yet: `{} serve` attaches it", gateway.called()));
        return Ok(problems);
    };
    let own = gateway.all_pinned(entry).map_err(Failure::of)?;
    let withheld: BTreeSet<&str> =
        own.iter().flat_map(|server| server.withheld()).map(|entry| entry.name.as_str()).collect();
    let withheld = withheld.len();
    if withheld > 0 {
        problems.push(format!(
            "tools or prompts are withheld ({withheld}): `{} accept {name}`",
            gateway.called()
        ));
    }
    let tools: Vec<String> = server.tools.iter().map(|tool| tool.name.clone()).collect();
    for pattern in entry.effects.unmatched(&tools) {
        problems.push(format!("`{pattern}` in its effects matches no tool"));
    }
    Ok(problems)
}
