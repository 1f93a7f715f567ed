//! `agent list` and `agent remove NAME`.
#![allow(clippy::print_stdout, reason = "this command prints a list")]

use std::process::ExitCode;

use jackfield_runtime::revoke_token;

use super::account_log::AccountLog;
use super::account_owner::principal_of;
use super::forget::{forget, logout_command};
use super::list::count;
use super::stored::{check_owner, no_agent, parsed};
use crate::account::StoredLogin;
use crate::config::{AgentEntry, AgentPrincipal};
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;

pub(super) fn list(gateway: &OpenGateway) -> Result<ExitCode, Failure> {
    let agents = gateway.agents()?.entries;
    if agents.is_empty() {
        note(&format!(
            "there are no agents: `{} agent add NAME --connectors NAMES` adds one",
            gateway.called()
        ));
    }
    let width = |of: fn(&AgentEntry) -> usize| agents.iter().map(of).max().unwrap_or(0);
    let (names, callers) = (width(|it| it.name.len()), width(|it| caller(it).chars().count()));
    for agent in &agents {
        let connectors = match &agent.connectors[..] {
            [] => "no connectors".to_owned(),
            connectors => connectors.join(", "),
        };
        let effects = match (agent.effects.as_deref(), agent.rules) {
            (Some(effects), 0) => effects.to_owned(),
            (Some(effects), rules) => format!("{effects}, and {}", count(rules, "rule")),
            (None, 0) => "nothing".to_owned(),
            (None, rules) => count(rules, "rule"),
        };
        println!("{:names$}  {:callers$}  {connectors}: {effects}", agent.name, caller(agent));
    }
    if gateway.config().agents.is_some() {
        note(&format!("these agents come from {}", gateway.config().file.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the caller that an agent stands for, with the claims that its token needs.
fn caller(agent: &AgentEntry) -> String {
    let claims: Vec<String> =
        agent.principal.claims().iter().map(|(name, value)| format!("{name}={value}")).collect();
    match &claims[..] {
        [] => agent.principal.to_string(),
        claims => format!("{} with {}", agent.principal, claims.join(", ")),
    }
}

pub(super) fn remove(gateway: &OpenGateway, name: &str) -> Result<ExitCode, Failure> {
    check_owner(gateway, &format!("remove [agents.{name}]"))?;
    let agents = gateway.agents()?.entries;
    let Some(agent) = agents.iter().find(|agent| agent.name == name) else {
        return Err(no_agent(gateway, name));
    };
    gateway.agent_store()?.change(gateway.config(), |text| {
        let mut edited = parsed(text)?;
        edited.remove("agents", name);
        // An empty table does not describe an agent.
        Ok(if edited.is_empty("agents") { String::new() } else { edited.text() })
    })?;
    let had_token = matches!(agent.principal, AgentPrincipal::Token(_))
        && revoke_token(gateway.state(), name).map_err(Failure::of)?;
    forget_accounts(gateway, agent)?;
    let token = if had_token { " and its token" } else { "" };
    note(&format!(
        "removed the agent `{name}`{token}; running gateways follow within a second, and cancel its calls"
    ));
    Ok(ExitCode::SUCCESS)
}

/// Deletes the accounts of an agent at other servers, so that a later agent of the same name does not get them.
fn forget_accounts(gateway: &OpenGateway, agent: &AgentEntry) -> Result<(), Failure> {
    let Some(owner) = principal_of(&agent.principal) else { return Ok(()) };
    gateway.pins().forget_agent(&owner.to_string()).map_err(Failure::of)?;
    let config = gateway.config();
    // The accounts of connectors that are no longer in gateway.toml are deleted too.
    let mut names = StoredLogin::connectors(gateway.store()).map_err(Failure::of)?;
    names.extend(config.connectors.iter().map(|entry| entry.name.as_str().to_owned()));
    let log = AccountLog::of(gateway);
    let (mut left, mut failures) = (Vec::new(), Vec::new());
    for name in &names {
        if let Err(failure) = forget(gateway, &log, name, config.connector(name), Some(&owner)) {
            failures.push(failure.0);
            // `logout` needs a connector of gateway.toml.
            left.push(match config.connector(name) {
                Some(_) => format!("`{}`", logout_command(gateway, name, &owner)),
                None => format!("`{} remove {name}`", gateway.called()),
            });
        }
    }
    match &left[..] {
        [] => Ok(()),
        left => Err(Failure(format!(
            "{}\nthe agent is removed, but not all of its accounts: run {}",
            failures.join("\n"),
            left.join(" and ")
        ))),
    }
}
