//! `accept NAME [TOOL]`.
#![allow(clippy::print_stdout, reason = "this command prints the entries to accept")]

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use jackfield_recipe::visible;
use serde_json::{Map, Value};

use super::block_on::block_on;
use super::test::find;
use crate::config::{ConnectorEntry, ConnectorKind};
use crate::failure::{Failure, did_you_mean, note};
use crate::gateway::OpenGateway;
use crate::remote::pinned::{EntryState, PinnedEntry};
use crate::remote::upstream::Upstream;

pub(super) fn run(
    gateway: &OpenGateway,
    name: &str,
    only: Option<&str>,
    yes: bool,
) -> Result<ExitCode, Failure> {
    let entry = find(gateway, name)?;
    let called = gateway.called();
    if let ConnectorKind::Served(path) = &entry.kind {
        return Err(Failure(format!(
            "`{name}` is served from a folder, whose lock accepts its tools: jackfield gen --lock-only {}",
            path.display()
        )));
    }
    if let ConnectorKind::Linked(_) = &entry.kind {
        return Err(Failure(format!("`{name}` is part of this program, so nothing of it is withheld")));
    }
    gateway.claim_state()?;
    let mut servers = gateway.all_pinned(entry).map_err(Failure::of)?;
    if entry.published.is_some() && servers.iter().all(|server| server.tools.is_empty()) {
        // The tools of a published server were not known before a login.
        relisted(gateway, entry)?;
        servers = gateway.all_pinned(entry).map_err(Failure::of)?;
    }
    if servers.is_empty() {
        return Err(Failure(format!("`{name}` is not attached yet: `{called} serve` attaches it")));
    }
    let all = || servers.iter().flat_map(|server| server.tools.iter().chain(&server.prompts));
    let is_meant = |entry: &&PinnedEntry| only.is_none_or(|only| entry.name == only || entry.alias == only);
    if let (Some(only), None) = (only, all().find(is_meant)) {
        let near = did_you_mean(only, all().map(|entry| entry.name.as_str()));
        return Err(Failure(format!("`{name}` has no tool or prompt `{only}`{near}")));
    }
    let mut waiting: Vec<&PinnedEntry> = Vec::new();
    for entry in all().filter(is_meant).filter(|entry| entry.state() != EntryState::Accepted) {
        // Several agents may get the same definition.
        if !waiting.contains(&entry) {
            waiting.push(entry);
        }
    }
    if waiting.is_empty() {
        note("there is nothing to accept");
        return Ok(ExitCode::SUCCESS);
    }
    waiting.iter().for_each(|entry| print!("{}", described(entry)));
    if !yes && !asked()? {
        note("nothing was accepted");
        return Ok(ExitCode::from(1));
    }
    match gateway.pins().accept(name, only, &servers).map_err(Failure::of)? {
        Some(accepted) => {
            note(&format!(
                "accepted {}; running gateways follow within a second",
                visible(&accepted.join(", "))
            ));
            Ok(ExitCode::SUCCESS)
        }
        None => Err(Failure(
            "the server's tools have changed meanwhile, so nothing was accepted: run the command again"
                .to_owned(),
        )),
    }
}

/// Connects to a server, and records its lists, of which nothing is accepted yet.
fn relisted(gateway: &OpenGateway, entry: &ConnectorEntry) -> Result<(), Failure> {
    let name = entry.name.as_str();
    let upstream = Upstream::new(entry.clone(), gateway.environment().clone(), Arc::clone(gateway.pins()));
    let lists = block_on(upstream.probe())?
        .map_err(|unreachable| Failure(format!("`{name}` does not work: {}", visible(&unreachable.why))))?;
    gateway.pins().record(name, "", lists).map(drop).map_err(Failure::of)
}

/// Asks for confirmation at the terminal.
fn asked() -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure("there is no terminal to ask at: read the list above, and add --yes".to_owned()));
    }
    print!("Accept? [y/N] ");
    std::io::stdout().flush().map_err(Failure::of)?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(Failure::of)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Lists the members of an entry that differ, each before and after.
fn described(entry: &PinnedEntry) -> String {
    let nothing = Map::new();
    let before = entry.accepted.as_ref().unwrap_or(&nothing);
    let mut text = format!("{} ({})\n", visible(&entry.name), entry.state().as_str());
    let Some(after) = &entry.offered else { return text };
    let removed = before.keys().filter(|member| !after.contains_key(*member));
    for member in after.keys().chain(removed) {
        let (old, new) = (before.get(member), after.get(member));
        if old != new {
            let line = |sign: &str, value: Option<&Value>| {
                value.map_or_else(String::new, |value| format!("  {sign} {}: {value}\n", visible(member)))
            };
            // JSON escapes control characters, but not those that change the direction of text.
            text += &visible(&(line("-", old) + &line("+", new)));
        }
    }
    text
}
