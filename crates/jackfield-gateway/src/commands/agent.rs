//! `agent list` and `agent remove NAME`.
#![allow(clippy::print_stdout, reason = "this command prints a list")]

use std::process::ExitCode;

use jackfield_recipe::shell_quoted;
use jackfield_runtime::revoke_token;

use super::account_owner::principal_of;
use super::list::count;
use super::login::forget;
use super::stored::{check_owner, no_agent, parsed};
use crate::account::LoginDocument;
use crate::config::{AgentEntry, AgentPrincipal, ConnectorKind};
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
    let mut left = Vec::new();
    for entry in &gateway.config().connectors {
        let name = entry.name.as_str();
        let has_login =
            LoginDocument::load(gateway.store(), name, Some(&owner)).map_err(Failure::of)?.is_some();
        let has_variables = matches!(&entry.kind, ConnectorKind::Child(_)) && entry.has_own_accounts();
        if has_login && matches!(&entry.kind, ConnectorKind::Http(_)) || has_variables {
            // The command has printed why it failed. The other accounts are still deleted.
            if forget(gateway, entry, Some(&owner))? != ExitCode::SUCCESS {
                let owner = owner.to_string();
                left.push(format!("`{} logout {name} --agent {}`", gateway.called(), shell_quoted(&owner)));
            }
        }
    }
    match &left[..] {
        [] => Ok(()),
        left => Err(Failure(format!(
            "the agent is removed, but not all of its accounts: run {}",
            left.join(" and ")
        ))),
    }
}
