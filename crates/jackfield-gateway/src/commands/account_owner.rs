//! Finds the caller that owns the account of a command.

use jackfield_runtime::Principal;

use super::stored::no_agent;
use crate::config::{AgentPrincipal, ConnectorEntry};
use crate::failure::Failure;
use crate::gateway::OpenGateway;

/// Returns the caller that `--agent` names, by the name of an agent or as a principal. `None` is the gateway.
///
/// # Errors
/// Returns an error if the agent does not exist, or if the connector does not have `credential = "agent"`.
pub(super) fn owner_of(
    gateway: &OpenGateway,
    entry: &ConnectorEntry,
    agent: Option<&str>,
) -> Result<Option<Principal>, Failure> {
    let Some(agent) = agent else { return Ok(None) };
    let name = entry.name.as_str();
    if !entry.has_own_accounts() {
        return Err(Failure(format!(
            "all agents use the same account at `{name}`: add `credential = \"agent\"` to [connectors.{name}], so that each has its own"
        )));
    }
    principal_named(gateway, agent).map(Some)
}

/// Returns the caller that an argument names, by the name of an agent or as a principal.
///
/// # Errors
/// Returns an error if the agent does not exist.
pub(super) fn principal_named(gateway: &OpenGateway, agent: &str) -> Result<Principal, Failure> {
    let agents = gateway.agents()?.entries;
    if let Some(known) = agents.iter().find(|known| known.name == agent) {
        return principal_of(&known.principal).ok_or_else(|| {
            Failure(format!(
                "the agent `{agent}` stands for several subjects: name one, as in `--agent '{}'`",
                known.principal.to_string().replace('*', "SUBJECT")
            ))
        });
    }
    match Principal::parse(agent) {
        Some(Principal::Local) | None => Err(no_agent(gateway, agent)),
        Some(principal) => Ok(principal),
    }
}

/// Returns the caller that an agent stands for. `None` if the agent stands for several callers.
pub(super) fn principal_of(agent: &AgentPrincipal) -> Option<Principal> {
    match agent {
        AgentPrincipal::Token(name) => Some(Principal::Token(name.clone())),
        AgentPrincipal::Subject { issuer, subject, .. } => {
            Some(Principal::Subject { issuer: issuer.clone(), subject: subject.clone()? })
        }
    }
}
