//! Applies the rights of the gateway's agents, which are in gateway.toml or in the store.

use std::path::Path;

use jackfield_runtime::apply_rights;

use crate::agent_store::AgentStore;
use crate::config::GatewayConfig;
use crate::failure::Failure;

/// Applies the rights of the agents in the state folder. Returns whether the rights have changed.
///
/// # Errors
/// Returns an error if the store cannot be used.
pub(crate) fn apply_agents(config: &GatewayConfig, state: &Path) -> Result<bool, Failure> {
    match &config.agents {
        Some(agents) => apply_rights(state, agents.rights.text()).map_err(Failure::of),
        None => AgentStore::open(state).map_err(Failure::of)?.apply(config),
    }
}
