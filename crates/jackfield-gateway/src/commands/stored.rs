//! Helps commands to change the agents in the store.

use crate::config::edit::TomlText;
use crate::failure::{Failure, did_you_mean};
use crate::gateway::OpenGateway;

/// Refuses to change the agents in the store if gateway.toml has agents. `instead` says what to do in gateway.toml.
pub(super) fn check_owner(gateway: &OpenGateway, instead: &str) -> Result<(), Failure> {
    match gateway.config().agents {
        None => gateway.claim_state(),
        Some(_) => Err(Failure(format!(
            "{file} has [agents], which replace the agents of the store: {instead} there, and run `{called} apply`",
            file = gateway.config().file.display(),
            called = gateway.called()
        ))),
    }
}

/// Checks that gateway.toml has these connectors.
pub(super) fn check_connectors(gateway: &OpenGateway, names: &[String]) -> Result<(), Failure> {
    let known = || gateway.config().connectors.iter().map(|entry| entry.name.as_str());
    match names.iter().find(|name| known().all(|other| other != *name)) {
        None => Ok(()),
        Some(name) => {
            let near = did_you_mean(name, known());
            Err(Failure(format!(
                "there is no connector `{name}`{near} (`{called} list` shows all, `{called} add {name}` adds it)",
                called = gateway.called()
            )))
        }
    }
}

/// Returns the error about an agent that does not exist.
pub(super) fn no_agent(gateway: &OpenGateway, name: &str) -> Failure {
    let agents = gateway.agents().map(|agents| agents.entries).unwrap_or_default();
    let near = did_you_mean(name, agents.iter().map(|agent| agent.name.as_str()));
    Failure(format!("there is no agent `{name}`{near} (`{} agent list` shows all)", gateway.called()))
}

/// Parses the document of agents for editing.
pub(super) fn parsed(text: &str) -> Result<TomlText, Failure> {
    TomlText::parse(text).map_err(|error| Failure(format!("the agents in the store: {error}")))
}
