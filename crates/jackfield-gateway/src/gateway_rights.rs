//! The rights of a gateway: those of its agents, wherever they stand.

use std::path::Path;

use jackfield_runtime::apply_rights;

use crate::agent_store::AgentStore;
use crate::config::GatewayConfig;
use crate::failure::Failure;

/// Puts the rights of the agents in force, in the state of that folder. Returns whether they have changed.
///
/// # Errors
/// Returns an error if the store cannot be used.
pub(crate) fn apply_agents(config: &GatewayConfig, state: &Path) -> Result<bool, Failure> {
    match &config.agents {
        Some(agents) => apply_rights(state, agents.rights.text()).map_err(Failure::of),
        None => AgentStore::open(state).map_err(Failure::of)?.apply(config),
    }
}
