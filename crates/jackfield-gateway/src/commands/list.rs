//! `list`.
#![allow(clippy::print_stdout, reason = "this command prints a list")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::ExitCode;

use jackfield_recipe::{visible, visible_line};
use jackfield_runtime::{Api, Caller, Channel, Custom, Listed, Service, TargetKind};

use super::account_state::accounts;
use crate::config::{ChildCommand, ConnectorEntry, ConnectorKind};
use crate::failure::Failure;
use crate::gateway::OpenGateway;
use crate::gateway_files::served;
use crate::remote::pinned::{EntryState, PinnedServer};

/// A line of the list, about a tool or a prompt.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) effect: &'static str,
    pub(super) state: &'static str,
}

pub(super) fn run(gateway: &OpenGateway) -> Result<ExitCode, Failure> {
    let mut code = ExitCode::SUCCESS;
    if gateway.config().connectors.is_empty() {
        println!("there are no connectors: `{} add NAME` adds one", gateway.called());
    }
    for entry in &gateway.config().connectors {
        let name = entry.name.as_str();
        match &entry.kind {
            ConnectorKind::Served(_) | ConnectorKind::Linked(_) => {
                // If a folder cannot be served, the other connectors are still listed.
                match own_rows(gateway, entry) {
                    Ok(rows) => {
                        println!("{name}: {}, {}", kind(entry), count(rows.len(), "tool"));
                        print!("{}", table(&rows));
                    }
                    Err(failure) => {
                        println!("{name}: {}, which cannot be served: {}", kind(entry), visible(&failure.0));
                        code = ExitCode::from(1);
                    }
                }
            }
            _ => match gateway.pinned(entry).map_err(Failure::of)? {
                None => {
                    println!(
                        "{name}: {}, not attached yet: `{} serve` attaches it",
                        kind(entry),
                        gateway.called()
                    );
                    print_accounts(gateway, entry)?;
                }
                Some(server) => {
                    let rows = pinned_rows(entry, &server);
                    let own = gateway.all_pinned(entry).map_err(Failure::of)?;
                    let withheld: BTreeSet<&str> =
                        own.iter().flat_map(|own| own.withheld()).map(|entry| entry.name.as_str()).collect();
                    let withheld = withheld.len();
                    let told = match withheld {
                        0 => String::new(),
                        _ => format!(
                            ", {withheld} withheld: accept them with `{} accept {name}`",
                            gateway.called()
                        ),
                    };
                    println!("{name}: {}, {}{told}", kind(entry), count(server.tools.len(), "tool"));
                    print_accounts(gateway, entry)?;
                    print!("{}", table(&rows));
                }
            },
        }
    }
    Ok(code)
}

/// Prints the dates of the accounts at a connector.
fn print_accounts(gateway: &OpenGateway, entry: &ConnectorEntry) -> Result<(), Failure> {
    for account in accounts(gateway, entry)? {
        if let Some(dates) = account.dates() {
            println!("  {dates}");
        }
    }
    Ok(())
}

/// Returns a number with its noun.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Describes where the tools of a connector come from.
pub(super) fn kind(entry: &ConnectorEntry) -> String {
    let from = match &entry.kind {
        ConnectorKind::Served(path) => format!("served from {}", path.display()),
        ConnectorKind::Child(ChildCommand { package: Some(_), .. }) => "starts a package".to_owned(),
        ConnectorKind::Child(command) => format!("starts {}", visible_line(&command.program)),
        ConnectorKind::Http(upstream) => visible_line(&upstream.url).into_owned(),
        ConnectorKind::Linked(_) => "part of this program".to_owned(),
    };
    match (&entry.service, &entry.published) {
        (Some(service), _) => format!("`{}` of the catalogue, {from}", visible_line(service)),
        (_, Some(server)) => format!("`{server}` of the registry, {from}"),
        (None, None) => from,
    }
}

/// Returns the rows of a connector that this program serves itself.
pub(super) fn own_rows(gateway: &OpenGateway, entry: &ConnectorEntry) -> Result<Vec<Row>, Failure> {
    let (rows, custom) = match &entry.kind {
        ConnectorKind::Served(path) => (served(entry, path)?.0, Custom::new()),
        ConnectorKind::Linked(linked) => (linked.rows().clone(), linked.custom().clone()),
        ConnectorKind::Child(_) | ConnectorKind::Http(_) => return Ok(Vec::new()),
    };
    let api = Api::new(rows, gateway.environment().clone());
    let service = Service::new(api, custom).map_err(Failure::of)?;
    let caller = Caller::local(Channel::CommandLine);
    let row = |tool: Listed| Row {
        name: shown(entry, TargetKind::Tool, &tool.name),
        effect: tool.effect.as_str(),
        state: "",
    };
    Ok(service.list(&caller).map(row).collect())
}

/// Returns the rows for another server's tools and prompts.
pub(super) fn pinned_rows(entry: &ConnectorEntry, server: &PinnedServer) -> Vec<Row> {
    let state = |state: EntryState| if state == EntryState::Accepted { "" } else { state.as_str() };
    let tools = server.tools.iter().map(|tool| Row {
        name: shown(entry, TargetKind::Tool, &tool.alias),
        effect: entry.effects.of(&tool.name).as_str(),
        state: state(tool.state()),
    });
    let prompts = server.prompts.iter().map(|prompt| Row {
        name: shown(entry, TargetKind::Prompt, &prompt.name),
        effect: "prompt",
        state: state(prompt.state()),
    });
    tools.chain(prompts).collect()
}

/// Returns the name that clients see.
fn shown(entry: &ConnectorEntry, kind: TargetKind, own: &str) -> String {
    visible_line(&entry.name.shown(kind, own)).into_owned()
}

/// Aligns rows in columns.
pub(super) fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for Row { name, effect, state } in rows {
        let line = format!("  {name:width$}  {effect:7}  {state}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}
