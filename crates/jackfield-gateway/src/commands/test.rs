//! `test NAME`.
#![allow(clippy::print_stdout, reason = "this command prints a list")]

use std::process::ExitCode;
use std::sync::Arc;

use jackfield_recipe::visible;

use super::block_on::block_on;
use super::list;
use crate::config::ConnectorEntry;
use crate::failure::{Failure, did_you_mean, note};
use crate::gateway::OpenGateway;
use crate::remote::pinned::PinnedServer;
use crate::remote::upstream::Upstream;

pub(super) fn run(gateway: &OpenGateway, name: &str) -> Result<ExitCode, Failure> {
    let entry = find(gateway, name)?;
    Ok(if show(gateway, entry)? { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Starts a connector, and prints its tools. Returns whether it works.
///
/// # Errors
/// Returns an error if a folder cannot be served, or if the store cannot be read.
pub(super) fn show(gateway: &OpenGateway, entry: &ConnectorEntry) -> Result<bool, Failure> {
    let name = entry.name.as_str();
    if !entry.kind.is_remote() {
        let rows = list::own_rows(gateway, entry)?;
        println!("{name}: {}, {}", list::kind(entry), list::count(rows.len(), "tool"));
        print!("{}", list::table(&rows));
        return Ok(true);
    }
    let pins = gateway.pins();
    let upstream = Upstream::new(entry.clone(), gateway.environment().clone(), Arc::clone(pins));
    let lists = match block_on(upstream.probe())? {
        Ok(lists) => lists,
        Err(unreachable) => {
            note(&format!("`{name}` does not work: {}", visible(&unreachable.why)));
            if !unreachable.last_words.trim().is_empty() {
                note(&format!("its stderr ends with\n{}", visible(unreachable.last_words.trim_end())));
            }
            return Ok(false);
        }
    };
    // `test` only reads the store, so it neither attaches the server nor accepts its tools.
    let known = pins.load(name).map_err(Failure::of)?.map(Arc::unwrap_or_clone);
    let server = PinnedServer::updated(known, name, lists);
    println!(
        "{name} answers: {} tools, {} prompts, {} resources, {} templates",
        server.tools.len(),
        server.prompts.len(),
        server.resources.len(),
        server.templates.len()
    );
    print!("{}", list::table(&list::pinned_rows(entry, &server)));
    Ok(true)
}

/// Returns the connector with this name.
pub(super) fn find<'g>(gateway: &'g OpenGateway, name: &str) -> Result<&'g ConnectorEntry, Failure> {
    let all = || gateway.config().connectors.iter();
    all().find(|entry| entry.name.as_str() == name).ok_or_else(|| {
        let near = did_you_mean(name, all().map(|entry| entry.name.as_str()));
        Failure(format!(
            "gateway.toml has no connector `{name}`{near}; `{} list` shows all",
            gateway.called()
        ))
    })
}
