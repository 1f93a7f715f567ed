//! `remove NAME`.

use std::process::ExitCode;

use super::account_log::AccountLog;
use super::attach::detached;
use super::edited::EditedConfig;
use super::forget::forget_all;
use crate::account::StoredLogin;
use crate::builder::Gateway;
use crate::failure::{Failure, did_you_mean, note};
use crate::gateway::OpenGateway;
use crate::package::store::PackageStore;

pub(super) fn run(gateway: &Gateway, name: &str, detach: bool) -> Result<ExitCode, Failure> {
    let mut edited = EditedConfig::open(gateway)?;
    let (called, file) = (edited.called(), edited.file().display());
    let Some(config) = edited.config() else {
        return Err(Failure(format!("{file} does not exist, so it has no connector `{name}`")));
    };
    if config.connector(name).is_none() {
        if forget_left(&gateway.opened()?, name)? {
            note(&format!("{file} has no connector `{name}` any more, and nothing is left of it"));
            return Ok(ExitCode::SUCCESS);
        }
        let near = did_you_mean(name, config.connectors.iter().map(|entry| entry.name.as_str()));
        return Err(Failure(format!("{file} has no connector `{name}`{near}")));
    }
    let open = gateway.opened()?;
    let agents = open.agents()?;
    let holders: Vec<&str> = agents
        .entries
        .iter()
        .filter(|agent| agent.connectors.iter().any(|it| it == name))
        .map(|agent| agent.name.as_str())
        .collect();
    let quoted = holders.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let is_file = open.config().agents.is_some();
    if is_file && !holders.is_empty() {
        return Err(Failure(format!(
            "agents of {file} use `{name}`: {quoted}; remove it from their `connectors` and rules first"
        )));
    }
    if !holders.is_empty() && !detach {
        return Err(Failure(format!(
            "agents use `{name}`: {quoted}; to take it from them too, run `{called} remove {name} --detach`"
        )));
    }
    // The connector is detached from the agents first, so that they cannot use a later server of the same name.
    if !holders.is_empty() {
        open.claim_state()?;
        open.agent_store()?.change(open.config(), |text| {
            holders.iter().try_fold(text.to_owned(), |text, agent| detached(&text, agent, name))
        })?;
        note(&format!("detached `{name}` from {quoted}"));
    }
    // Otherwise a later connector of the same name and URL would get the accounts of the removed connector.
    if let Some(entry) = open.config().connector(name) {
        forget_all(&open, &AccountLog::of(&open), name, Some(entry))?;
    }
    edited.remove(name);
    edited.save()?;
    PackageStore::of(open.state()).remove(name, None).map_err(Failure::of)?;
    note(&format!("removed `{name}` from {file}; a running gateway follows within seconds"));
    Ok(ExitCode::SUCCESS)
}

/// Deletes the accounts at a connector that was removed from gateway.toml by hand. Returns whether there were any.
fn forget_left(gateway: &OpenGateway, name: &str) -> Result<bool, Failure> {
    let known = StoredLogin::connectors(gateway.store()).map_err(Failure::of)?;
    if !known.contains(name) {
        return Ok(false);
    }
    forget_all(gateway, &AccountLog::of(gateway), name, None).map(|count| count > 0)
}
