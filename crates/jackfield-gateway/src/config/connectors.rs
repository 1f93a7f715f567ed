//! Reads `[connectors]` of gateway.toml.

use std::path::Path;
use std::time::Duration;

use jackfield_runtime::AttachedName;
use toml::de::DeTable;

use super::connector::{
    ConnectorEntry, ConnectorKind, EffectRules, Sessions, USUAL_ANSWER, USUAL_IDLE, USUAL_TIMEOUT,
};
use super::kind::kind;
use super::reader::{Reader, in_order};

const MOST_SECONDS: u64 = 86_400;
/// The state of a question, which a client of revision 2026-07-28 returns with its answer, is not valid for longer.
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
                "add [connectors.NAME] with `spec`, `command`, `url` or `catalogue`",
            );
        }
        return linked.to_vec();
    };
    let mut found: Vec<ConnectorEntry> = linked.to_vec();
    // A message about two names is about the later one.
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
        if let Some((kind, service)) = kind(reader, table, offset, folder) {
            found.push(entry(reader, table, name, kind, service));
        }
    }
    found
}

fn entry(
    reader: &Reader<'_>,
    table: &DeTable<'_>,
    name: AttachedName,
    kind: ConnectorKind,
    service: Option<String>,
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
    let sessions = sessions(reader, table, &kind);
    ConnectorEntry {
        name,
        kind,
        service,
        effects: EffectRules(rules),
        timeout,
        idle,
        answer_timeout,
        sessions,
    }
}

/// Reads `sessions`. A session over HTTP costs little, so each agent has its own by default.
fn sessions(reader: &Reader<'_>, table: &DeTable<'_>, kind: &ConnectorKind) -> Sessions {
    const REMEDY: &str = "write `sessions = \"agent\"` or `sessions = \"shared\"`";
    let usual = if matches!(kind, ConnectorKind::Http(_)) { Sessions::Agent } else { Sessions::Shared };
    let Some(value) = table.get("sessions") else { return usual };
    match reader.text(value, REMEDY).as_deref() {
        Some("agent") => Sessions::Agent,
        Some("shared") => Sessions::Shared,
        Some(other) => {
            reader.refuse(value.span().start, format!("`sessions` cannot be `{other}`"), REMEDY);
            usual
        }
        None => usual,
    }
}
