//! `apply [FILE]` and `export`.
#![allow(clippy::print_stdout, reason = "`export` prints the agents")]

use std::path::Path;
use std::process::ExitCode;

use super::list::count;
use super::stored::{check_connectors, check_owner};
use crate::config::edit::TomlText;
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;

pub(super) fn apply(gateway: &OpenGateway, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let Some(file) = file else {
        gateway.claim_state()?;
        let whose = if gateway.config().agents.is_some() { "of gateway.toml" } else { "of the store" };
        note(&match gateway.apply_agents()? {
            true => format!("applied the agents {whose}; running gateways follow within a second"),
            false => format!("the agents {whose} are in force already"),
        });
        return Ok(ExitCode::SUCCESS);
    };
    check_owner(gateway, "write them")?;
    let text = crate::config::file::text(file)
        .map_err(|error| Failure(format!("{} cannot be read: {error}", file.display())))?;
    let known = gateway.config();
    let agents = known.parse_agents(file, &text, true).map_err(Failure::of)?;
    for agent in &agents.entries {
        check_connectors(gateway, &agent.connectors).map_err(|failure| {
            Failure(format!("{}: the agent `{}`: {}", file.display(), agent.name, failure.0))
        })?;
    }
    let before = gateway.agents()?;
    let changed = gateway.agent_store()?.change(known, |_| Ok(text.clone()))?;
    let count = count(agents.entries.len(), "agent");
    note(&match changed {
        true => format!("applied {count}; running gateways follow within a second"),
        false => format!("nothing has changed: {count}"),
    });
    let is_gone = |name: &&str| agents.entries.iter().all(|agent| agent.name != **name);
    let gone: Vec<&str> = before.entries.iter().map(|it| it.name.as_str()).filter(is_gone).collect();
    if !gone.is_empty() {
        note(&format!(
            "removed agents: {}; their tokens can no longer call anything, and `{} token revoke NAME` revokes them",
            gone.join(", "),
            gateway.called()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn export(gateway: &OpenGateway) -> Result<ExitCode, Failure> {
    let text = match &gateway.config().agents {
        None => gateway.agent_store()?.text().map_err(Failure::of)?,
        Some(_) => {
            let whole = gateway.config().text.clone().unwrap_or_default();
            let mut text = TomlText::parse(&whole).map_err(Failure::of)?;
            text.keep_only("agents");
            text.text()
        }
    };
    if text.is_empty() {
        note(&format!("there are no agents: `{} agent add NAME` adds one", gateway.called()));
    }
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}
