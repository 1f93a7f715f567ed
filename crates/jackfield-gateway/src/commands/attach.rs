//! `attach AGENT CONNECTOR` and `detach AGENT CONNECTOR`.

use std::process::ExitCode;

use jackfield_runtime::AttachedName;
use toml_edit::{Array, Item, Table, value};

use super::stored::{check_connectors, check_owner, no_agent, parsed};
use crate::config::prefixes_of;
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;

pub(super) fn attach(gateway: &OpenGateway, agent: &str, connector: &str) -> Result<ExitCode, Failure> {
    check_owner(gateway, &format!("add `{connector}` to `connectors` of [agents.{agent}]"))?;
    check_connectors(gateway, &[connector.to_owned()])?;
    let changed = gateway.agent_store()?.change(gateway.config(), |text| {
        let mut edited = parsed(text)?;
        let table = edited.table("agents", agent).ok_or_else(|| no_agent(gateway, agent))?;
        let list = table.entry("connectors").or_insert_with(|| value(Array::new()));
        if let Some(list) =
            list.as_array_mut().filter(|list| list.iter().all(|it| it.as_str() != Some(connector)))
        {
            list.push(connector);
        }
        Ok(edited.text())
    })?;
    note(&match changed {
        true => format!("`{agent}` may use `{connector}`; running gateways follow within a second"),
        false => format!("`{agent}` may use `{connector}` already"),
    });
    Ok(ExitCode::SUCCESS)
}

pub(super) fn detach(gateway: &OpenGateway, agent: &str, connector: &str) -> Result<ExitCode, Failure> {
    check_owner(gateway, &format!("remove `{connector}` from `connectors` and rules of [agents.{agent}]"))?;
    if gateway.agents()?.entries.iter().all(|it| it.name != agent) {
        return Err(no_agent(gateway, agent));
    }
    let changed = gateway.agent_store()?.change(gateway.config(), |text| detached(text, agent, connector))?;
    note(&match changed {
        true => format!(
            "`{agent}` may no longer use `{connector}`; running gateways follow within a second, and cancel its calls"
        ),
        false => format!("`{agent}` had no access to `{connector}`; nothing was changed"),
    });
    Ok(ExitCode::SUCCESS)
}

/// Removes a connector from an agent's `connectors` and rules. Returns the new document, in which a rule never applies to more than before.
pub(super) fn detached(text: &str, agent: &str, connector: &str) -> Result<String, Failure> {
    let mut edited = parsed(text)?;
    let Some(table) = edited.table("agents", agent) else { return Ok(text.to_owned()) };
    if let Some(list) = table.get_mut("connectors").and_then(Item::as_array_mut) {
        list.retain(|it| it.as_str() != Some(connector));
    }
    if let Ok(name) = AttachedName::parse(connector)
        && let Some(rules) = table.get_mut("rule").and_then(Item::as_array_of_tables_mut)
    {
        let mut kept =
            rules.iter_mut().map(|rule| keeps_patterns(rule, &name)).collect::<Vec<_>>().into_iter();
        rules.retain(|_| kept.next().unwrap_or(true));
        if rules.is_empty() {
            table.remove("rule");
        }
    }
    Ok(edited.text())
}

/// Removes a rule's patterns for a connector. Returns whether the rule still applies to anything.
fn keeps_patterns(rule: &mut Table, name: &AttachedName) -> bool {
    let mut was_emptied = false;
    for kind in ["tools", "resources", "prompts"] {
        let Some(list) = rule.get_mut(kind).and_then(Item::as_array_mut) else { continue };
        let prefixes = prefixes_of(kind, name);
        let is_chosen = |text: &str| !text.starts_with('!');
        let is_own = |text: &str| prefixes.iter().any(|prefix| text.starts_with(prefix.as_str()));
        let has_chosen = |list: &Array| list.iter().filter_map(|it| it.as_str()).any(is_chosen);
        let had_chosen = has_chosen(list);
        list.retain(|it| !it.as_str().is_some_and(|text| is_chosen(text) && is_own(text)));
        // A list of exceptions alone would apply to every connector of the agent.
        if had_chosen && !has_chosen(list) {
            rule.remove(kind);
            was_emptied = true;
        }
    }
    // Without `tools`, `resources` and `prompts`, the rule would apply to everything.
    !was_emptied || ["tools", "resources", "prompts"].iter().any(|kind| rule.contains_key(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_of_an_agent_permits_no_more_after_a_connector_is_detached() {
        let of = |rule: &str| {
            format!(
                "[agents.a]\nconnectors = [\"time\", \"docs\"]\n\n[[agents.a.rule]]\n{rule}effects = \"read\"\n"
            )
        };
        for (rule, expected) in [
            ("tools = [\"time_*\"]\n", None),
            ("tools = [\"time_*\", \"docs_get\"]\n", Some("tools = [ \"docs_get\"]\n")),
            ("tools = [\"time_*\", \"!docs_get\"]\n", None),
            (
                "tools = [\"time_*\", \"!docs_get\"]\nprompts = [\"docs_*\"]\n",
                Some("prompts = [\"docs_*\"]\n"),
            ),
            ("tools = [\"!time_x\"]\n", Some("tools = [\"!time_x\"]\n")),
            ("resources = [\"time+*\", \"ui://time/*\"]\n", None),
            ("", Some("")),
        ] {
            let text = detached(&of(rule), "a", "time").unwrap();
            let expected = match expected {
                Some(rule) => of(rule).replace("\"time\", ", " "),
                None => "[agents.a]\nconnectors = [ \"docs\"]\n".to_owned(),
            };
            assert_eq!(text, expected, "{rule}");
        }
        assert_eq!(detached(&of(""), "b", "time").unwrap(), of(""));
    }
}
