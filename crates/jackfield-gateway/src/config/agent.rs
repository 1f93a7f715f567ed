//! Reads the agents and their rights.

use std::collections::HashMap;

use jackfield_recipe::nearest;
use jackfield_runtime::{AttachedName, check_rights};
use toml::de::{DeTable, DeValue};

use super::agent_rules::AgentRules;
use super::connector::ConnectorEntry;
use super::principal::AgentPrincipal;
use super::reader::{Reader, in_order};
use super::rights::AgentRights;

/// The maximum length of an agent's name, which is also the name of its token.
const LONGEST: usize = 64;
const NAME: &str = "use up to 64 of a to z, 0 to 9, `.`, `_` and `-`, beginning with a letter or digit";

/// The agents in a file or in the store, and their rights.
#[derive(Clone, Debug, PartialEq)]
pub struct Agents {
    /// The agents, in the order in which they were written.
    pub entries: Vec<AgentEntry>,
    /// The rights of all agents.
    pub rights: AgentRights,
}

/// An agent, as `[agents.NAME]` describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentEntry {
    /// The name of the agent.
    pub name: String,
    /// The caller that the agent stands for.
    pub principal: AgentPrincipal,
    /// The names of the connectors that the agent may use.
    pub connectors: Vec<String>,
    /// The value of `effects`: the strongest effect of the tools that the agent may call without a rule.
    pub effects: Option<String>,
    /// The number of the agent's rules.
    pub rules: usize,
}

/// The connectors and the issuer to which agents can refer.
#[derive(Clone, Copy)]
pub(super) struct AgentScope<'c> {
    pub(super) connectors: &'c [ConnectorEntry],
    pub(super) issuer: Option<&'c str>,
    /// Whether the agents are in the store. There, an agent may have no connectors, or name connectors that gateway.toml no longer has.
    pub(super) is_stored: bool,
}

impl Agents {
    /// Reads `[agents]`.
    pub(super) fn read(reader: &Reader<'_>, root: &DeTable<'_>, scope: AgentScope<'_>) -> Self {
        let (mut entries, mut rights) = (Vec::<AgentEntry>::new(), AgentRights::new());
        let mut names_of = HashMap::new();
        let table = root.get("agents").and_then(|it| reader.table(it, "write [agents.NAME]"));
        for (key, value) in table.map(in_order).unwrap_or_default() {
            let (offset, name): (usize, &str) = (key.span().start, key.get_ref());
            if !is_name(name) {
                reader.refuse(offset, format!("`{name}` cannot be the name of an agent"), NAME);
                continue;
            }
            let Some(table) = reader.table(value, "write [agents.NAME]") else { continue };
            reader.check_keys(table, &["claims", "connectors", "effects", "rule", "subject"]);
            let Some(principal) = AgentPrincipal::read(reader, table, name, scope.issuer) else { continue };
            if let Some(other) = names_of.insert(principal.clone(), name) {
                let problem = format!("the agents `{other}` and `{name}` are the same caller");
                reader.refuse(offset, problem, "make them one agent, or change `subject` or `claims`");
                continue;
            }
            let Some(connectors) = connectors(reader, table, name, offset, scope) else { continue };
            let rules = match table.get("rule").map(|rules| rules.get_ref()) {
                Some(DeValue::Array(rules)) => rules.len(),
                _ => 0,
            };
            let effects = table.get("effects").and_then(|it| it.get_ref().as_str()).map(str::to_owned);
            let names = connectors.iter().map(|it| it.as_str().to_owned()).collect();
            let attached = connectors;
            let may_be_empty = scope.is_stored;
            AgentRules { reader, name, principal: &principal, attached, may_be_empty, rights: &mut rights }
                .add(table, offset);
            entries.push(AgentEntry { name: name.to_owned(), principal, connectors: names, effects, rules });
        }
        if let Err(error) = check_rights(rights.text()) {
            let offset = start_of_line(reader.source, rights.source_line(error.line()));
            reader.refuse(offset, error.problem(), error.remedy());
        }
        Self { entries, rights }
    }
}

/// Whether `name` is a valid name for an agent, and for its token.
fn is_name(name: &str) -> bool {
    let is_known = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "._-".contains(char);
    name.starts_with(|char: char| char.is_ascii_alphanumeric())
        && name.len() <= LONGEST
        && name.chars().all(is_known)
}

/// Reads the `connectors` of an agent.
fn connectors(
    reader: &Reader<'_>,
    table: &DeTable<'_>,
    agent: &str,
    offset: usize,
    scope: AgentScope<'_>,
) -> Option<Vec<AttachedName>> {
    const REMEDY: &str = "write `connectors = [\"NAME\"]`";
    let Some(written) = table.get("connectors") else {
        let problem = format!("the agent `{agent}` has no `connectors`, so it could use nothing");
        reader.refuse(offset, problem, REMEDY);
        return None;
    };
    let texts = reader.texts(written, REMEDY)?;
    if scope.is_stored {
        return Some(texts.iter().filter_map(|(name, _)| AttachedName::parse(name).ok()).collect());
    }
    if texts.is_empty() {
        let problem = format!("the agent `{agent}` has no connector, so it could use nothing");
        reader.refuse(written.span().start, problem, "name one, or remove the agent");
    }
    let mut names = Vec::new();
    for (name, offset) in texts {
        let known = || scope.connectors.iter().map(|it| it.name.as_str());
        if known().all(|other| other != name) {
            let remedy = match nearest(&name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("add [connectors.{name}]"),
            };
            reader.refuse(offset, format!("there is no connector `{name}`"), remedy);
        }
        names.extend(AttachedName::parse(&name));
    }
    (!names.is_empty()).then_some(names)
}

/// Returns the byte offset at which a line begins.
fn start_of_line(text: &str, line: usize) -> usize {
    let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(breaks).nth(line.saturating_sub(1)).unwrap_or(0)
}
