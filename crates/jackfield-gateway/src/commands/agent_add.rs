//! `agent add NAME`.

use std::process::ExitCode;

use jackfield_recipe::{Effect, shell_quoted};
use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::pairs::pairs;
use super::stored::{check_connectors, check_owner, parsed};
use crate::command_line::AddAgent;
use crate::failure::{Failure, did_you_mean, note};
use crate::gateway::OpenGateway;

pub(super) fn run(gateway: &OpenGateway, add: &AddAgent) -> Result<ExitCode, Failure> {
    let name = add.name.as_str();
    let instead = format!("write [agents.{name}] with `connectors` and `effects`");
    check_owner(gateway, &instead)?;
    check_connectors(gateway, &add.connectors)?;
    let agents = gateway.agents()?;
    let called = gateway.called();
    if agents.entries.iter().any(|agent| agent.name == name) {
        return Err(Failure(format!(
            "there is an agent `{name}` already: choose another name, or remove it with `{called} agent remove {name}`"
        )));
    }
    let table = table(add)?;
    let store = gateway.agent_store()?;
    let with_agent = |text: &str| {
        let mut edited = parsed(text)?;
        edited.add("agents", name, table.clone()).map_err(Failure::of)?;
        Ok(edited.text())
    };
    // The new text is checked before a token is created.
    let text = with_agent(&store.text().map_err(Failure::of)?)?;
    gateway.config().parse_agents(std::path::Path::new(""), &text, true).map_err(|invalid| {
        Failure(format!("the agent `{name}` cannot be added: {}", invalid.without_places()))
    })?;
    let has_token = add.subject.is_none() && add.claims.is_empty();
    if has_token {
        let mut words = vec!["token".to_owned(), "add".to_owned(), name.to_owned()];
        words.extend(add.expires.iter().flat_map(|days| ["--expires".to_owned(), days.to_string()]));
        // The token is created before the agent, because a token without an agent does not have any rights.
        if gateway.control().run(words) != ExitCode::SUCCESS {
            return Ok(ExitCode::from(2));
        }
    }
    store.change(gateway.config(), with_agent)?;
    note(&match &add.connectors[..] {
        [] => format!("added the agent `{name}`, which has no connector: `{called} attach {name} CONNECTOR`"),
        connectors => format!(
            "added the agent `{name}` with {}; running gateways follow within a second",
            connectors.join(", ")
        ),
    });
    let is_first = agents.entries.is_empty() && gateway.config().listen.is_some();
    if is_first && has_token && gateway.config().issuer.is_none() {
        note("it is the first agent: a gateway that was started without agents has to be started again");
    }
    match (&gateway.config().listen, has_token) {
        (None, _) => note(
            "clients of agents connect over HTTP: add `listen = \"127.0.0.1:8800\"` to the top of gateway.toml, and start the gateway again",
        ),
        (Some(_), true) => {
            note(&format!("to connect a client as this agent: `{called} config CLIENT --agent {name}`"));
        }
        (Some(_), false) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the table of the agent.
fn table(add: &AddAgent) -> Result<Table, Failure> {
    let mut table = Table::new();
    if let Some(subject) = &add.subject {
        table.insert("subject", value(subject));
    }
    if !add.claims.is_empty() {
        table.insert("claims", value(pairs(&add.claims, "--claim client_id=ci")?));
    }
    table.insert("connectors", value(add.connectors.iter().collect::<Array>()));
    let rules = add.rules.as_deref().map(rules).transpose()?;
    match (&add.effects, &rules) {
        (Some(effects), _) => {
            let known = [Effect::Read, Effect::Write, Effect::Destroy].map(Effect::as_str);
            if !known.contains(&effects.as_str()) {
                let near = did_you_mean(effects, known);
                return Err(Failure(format!(
                    "there is no effect `{effects}`: use read, write or destroy{near}"
                )));
            }
            table.insert("effects", value(effects));
        }
        (None, None) => {
            table.insert("effects", value("read"));
        }
        (None, Some(_)) => {}
    }
    if let Some(rules) = rules {
        table.insert("rule", rules);
    }
    Ok(table)
}

/// Reads the rules in a file.
fn rules(file: &std::path::Path) -> Result<Item, Failure> {
    let shown = file.display();
    let text = crate::config::file::text(file)
        .map_err(|error| Failure(format!("{shown} cannot be read: {error}")))?;
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| Failure(format!("{shown}: {error}")))?;
    let rules = document.remove("rule");
    if let Some((key, _)) = document.iter().next() {
        return Err(Failure(format!("{shown} has the key `{key}`: it may only have [[rule]]")));
    }
    match rules {
        Some(Item::ArrayOfTables(mut rules)) => {
            // The positions of these tables are positions in another document.
            for rule in rules.iter_mut() {
                rule.set_position(None);
                let prefix = rule.decor().prefix().and_then(|it| it.as_str()).unwrap_or_default();
                if !prefix.starts_with('\n') {
                    let prefix = format!("\n{prefix}");
                    rule.decor_mut().set_prefix(prefix);
                }
            }
            Ok(Item::ArrayOfTables(rules))
        }
        _ => Err(Failure(format!(
            "{shown} has no [[rule]]: write one as docs/gateway.md shows, or leave out --rules {}",
            shell_quoted(&shown.to_string())
        ))),
    }
}
