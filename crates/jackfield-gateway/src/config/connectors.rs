//! Reads `[connectors]` of gateway.toml.

use std::path::Path;
use std::time::Duration;

use jackfield_runtime::AttachedName;
use toml::de::DeTable;

use super::connector::{
    ConnectorEntry, ConnectorKind, CredentialOwner, EffectRules, Sessions, USUAL_ANSWER, USUAL_IDLE,
    USUAL_TIMEOUT,
};
use super::kind::{ConnectorSource, source};
use super::reader::{Reader, in_order};

const MOST_SECONDS: u64 = 86_400;
/// The maximum `answer_timeout`, in seconds. A client of revision 2026-07-28 returns the state of an elicitation with the answer, and that
/// state expires after this time.
const MOST_ANSWER: u64 = 600;

/// Reads `[connectors]`.
pub(super) fn connectors(
    reader: &Reader<'_>,
    root: &DeTable<'_>,
    folder: &Path,
    linked: &[ConnectorEntry],
) -> Vec<ConnectorEntry> {
    let Some(table) = root.get("connectors").and_then(|it| reader.table(it, "write [connectors.NAME]"))
    else {
        if !root.contains_key("connectors") && linked.is_empty() {
            reader.refuse(
                0,
                "there are no connectors",
                "add [connectors.NAME] with `spec`, `command`, `url`, `catalogue` or `registry`",
            );
        }
        return linked.to_vec();
    };
    let mut found: Vec<ConnectorEntry> = linked.to_vec();
    // If two names conflict, the problem is reported at the later name.
    for (key, value) in in_order(table) {
        let offset = key.span().start;
        let name = match AttachedName::parse(key.get_ref()) {
            Ok(name) => name,
            Err(why) => {
                reader.refuse(
                    offset,
                    format!("`{}` cannot be the name of a connector", key.get_ref()),
                    why.to_string(),
                );
                continue;
            }
        };
        let overlaps =
            |other: &&ConnectorEntry| other.name.is_beginning_of(&name) || name.is_beginning_of(&other.name);
        if let Some(other) = found.iter().find(overlaps) {
            let problem = format!(
                "`{}` and `{}` cannot both be attached, because their tools could have the same names",
                other.name.as_str(),
                name.as_str()
            );
            reader.refuse(offset, problem, "rename one of them");
        }
        let Some(table) = reader.table(value, "write [connectors.NAME]") else { continue };
        if let Some(source) = source(reader, table, offset, folder) {
            found.push(entry(reader, table, name, source));
        }
    }
    found
}

fn entry(
    reader: &Reader<'_>,
    table: &DeTable<'_>,
    name: AttachedName,
    ConnectorSource { kind, service, published }: ConnectorSource,
) -> ConnectorEntry {
    let seconds = |key: &str, usual, most| {
        let number = table.get(key).and_then(|value| reader.number(value, 1, most));
        Duration::from_secs(number.unwrap_or(usual))
    };
    let mut rules = Vec::new();
    if let Some(effects) =
        table.get("effects").and_then(|it| reader.table(it, "write [connectors.NAME.effects]"))
    {
        for (tool, effect) in in_order(effects) {
            rules.extend(reader.effect(effect).map(|effect| (tool.get_ref().to_string(), effect)));
        }
    }
    let timeout = seconds("timeout", USUAL_TIMEOUT, MOST_SECONDS);
    let idle = seconds("idle", USUAL_IDLE, MOST_SECONDS);
    let answer_timeout = seconds("answer_timeout", USUAL_ANSWER, MOST_ANSWER);
    let credential = credential(reader, table, &kind);
    let sessions = sessions(reader, table, &kind, credential);
    ConnectorEntry {
        name,
        kind,
        service,
        published,
        effects: EffectRules(rules),
        timeout,
        idle,
        answer_timeout,
        sessions,
        credential,
    }
}

/// Reads `credential`.
fn credential(reader: &Reader<'_>, table: &DeTable<'_>, kind: &ConnectorKind) -> Option<CredentialOwner> {
    const REMEDY: &str = "write `credential = \"service\"` or `credential = \"agent\"`";
    let value = table.get("credential")?;
    let offset = value.span().start;
    let owner = match reader.text(value, REMEDY)?.as_str() {
        "service" => CredentialOwner::Service,
        "agent" => CredentialOwner::Agent,
        other => {
            reader.refuse(offset, format!("`credential` cannot be `{other}`"), REMEDY);
            return None;
        }
    };
    let contradiction = match kind {
        ConnectorKind::Http(server) if server.token.is_some() && server.secrets.is_empty() => {
            Some("`token` is a token of the gateway, but each agent has an account of its own")
        }
        ConnectorKind::Child(command) if command.secrets.is_empty() => {
            Some("its program has no variable in `secrets`, so all agents would have the same account")
        }
        _ => None,
    };
    if let Some(problem) = contradiction.filter(|_| owner == CredentialOwner::Agent) {
        let remedy =
            "remove `token`, or name the variables in `secrets`, or write `credential = \"service\"`";
        reader.refuse(offset, problem, remedy);
    }
    Some(owner)
}

/// Reads `sessions`. A session over HTTP costs little, so by default each agent has its own HTTP session.
fn sessions(
    reader: &Reader<'_>,
    table: &DeTable<'_>,
    kind: &ConnectorKind,
    credential: Option<CredentialOwner>,
) -> Sessions {
    const REMEDY: &str = "write `sessions = \"agent\"` or `sessions = \"shared\"`";
    // A session uses one account, so callers with their own accounts cannot share a session.
    let is_own = credential == Some(CredentialOwner::Agent);
    let usual =
        if is_own || matches!(kind, ConnectorKind::Http(_)) { Sessions::Agent } else { Sessions::Shared };
    let Some(value) = table.get("sessions") else { return usual };
    match reader.text(value, REMEDY).as_deref() {
        Some("agent") => Sessions::Agent,
        Some("shared") if is_own => {
            let problem = "with `credential = \"agent\"`, agents cannot share a session";
            reader.refuse(value.span().start, problem, "remove `sessions`");
            usual
        }
        Some("shared") => Sessions::Shared,
        Some(other) => {
            reader.refuse(value.span().start, format!("`sessions` cannot be `{other}`"), REMEDY);
            usual
        }
        None => usual,
    }
}
