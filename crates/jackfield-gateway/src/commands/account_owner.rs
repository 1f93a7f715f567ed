//! The caller whose account a command is about.

use jackfield_runtime::Principal;

use super::stored::no_agent;
use crate::config::{AgentPrincipal, ConnectorEntry};
use crate::failure::Failure;
use crate::gateway::OpenGateway;

/// The caller whom `--agent` names: an agent, or the principal itself. `None` for the account of the gateway.
///
/// # Errors
/// Returns an error if there is no such agent, or if the agents of the connector have no accounts of their own.
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
    let agents = gateway.agents()?.entries;
    if let Some(known) = agents.iter().find(|known| known.name == agent) {
        return principal_of(&known.principal).map(Some).ok_or_else(|| {
            Failure(format!(
                "the agent `{agent}` stands for several subjects: name one, as in `--agent '{}'`",
                known.principal.to_string().replace('*', "SUBJECT")
            ))
        });
    }
    match Principal::parse(agent) {
        Some(Principal::Local) | None => Err(no_agent(gateway, agent)),
        Some(principal) => Ok(Some(principal)),
    }
}

/// The only caller whom an agent stands for.
pub(super) fn principal_of(agent: &AgentPrincipal) -> Option<Principal> {
    match agent {
        AgentPrincipal::Token(name) => Some(Principal::Token(name.clone())),
        AgentPrincipal::Subject { issuer, subject, .. } => {
            Some(Principal::Subject { issuer: issuer.clone(), subject: subject.clone()? })
        }
    }
}
