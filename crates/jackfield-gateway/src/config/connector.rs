//! The connectors of gateway.toml.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jackfield_recipe::{Effect, fits_glob, hex_encode};
use jackfield_runtime::AttachedName;
use sha2::{Digest as _, Sha256};
use toml::de::{DeTable, DeValue};

use super::confinement::{Confinement, confinement};
use super::reader::{Placed, Reader, in_order};

/// The time limit of a call, in seconds.
const USUAL_TIMEOUT: u64 = 30;
/// The time without a call after which a connection is ended, in seconds.
const USUAL_IDLE: u64 = 300;
const MOST_SECONDS: u64 = 86_400;

const KINDS: &str = "write one of `spec = \"FOLDER\"`, `command = [\"PROGRAM\"]` and `url = \"https://…\"`";
const COMMAND: &str = "write `command = [\"npx\", \"-y\", \"PACKAGE\"]`";

/// A connector behind the gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectorEntry {
    /// The name that clients see before its tools.
    pub name: AttachedName,
    /// The source of its tools.
    pub kind: ConnectorKind,
    /// The effects of its tools.
    pub effects: EffectRules,
    /// How long a call may take.
    pub timeout: Duration,
    /// How long a connection stays open without calls.
    pub idle: Duration,
    /// Who shares a session with the server.
    pub sessions: Sessions,
}

/// Who shares a session with another MCP server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// All agents share one.
    Shared,
    /// Each agent has its own.
    Agent,
}

/// The source of a connector's tools.
#[derive(Clone, Debug, PartialEq)]
pub enum ConnectorKind {
    /// A connector.toml, which is served as `jackfield serve` does.
    Served(PathBuf),
    /// An MCP server that the gateway starts, and which it calls over standard input and output.
    Child(ChildCommand),
    /// An MCP server that is called over HTTP.
    Http(HttpUpstream),
}

impl ConnectorKind {
    /// A digest of the command or the address. It is not the text, because arguments can be secret.
    pub(crate) fn digest(&self) -> String {
        let parts: Vec<String> = match self {
            Self::Served(path) => vec!["spec".to_owned(), path.display().to_string()],
            Self::Child(ChildCommand { program, arguments, folder, .. }) => {
                let begin = ["command".to_owned(), folder.display().to_string(), program.clone()];
                begin.into_iter().chain(arguments.iter().cloned()).collect()
            }
            Self::Http(upstream) => vec!["url".to_owned(), upstream.url.clone()],
        };
        let text = serde_json::Value::from(parts).to_string();
        hex_encode(&Sha256::digest(text))
    }
}

/// The command of an MCP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildCommand {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The variables that gateway.toml sets.
    pub variables: Vec<(String, String)>,
    /// The variables that it gets from the gateway, besides PATH.
    pub passed: Vec<String>,
    /// The folder in which it is started.
    pub folder: PathBuf,
    /// The most memory of each of its processes, in mebibytes.
    pub memory: Option<u64>,
    /// What it may reach.
    pub confinement: Confinement,
}

/// The address of an MCP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUpstream {
    /// The URL.
    pub url: String,
    /// The variable that holds its bearer token.
    pub token: Option<String>,
}

/// The effects of tools of another MCP server, by patterns. Its own hints are not believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EffectRules(Vec<(String, Effect)>);

impl EffectRules {
    /// The effect of a tool: that of its name, else that of the first pattern that fits, else `Destroy`.
    pub fn of(&self, tool: &str) -> Effect {
        let exact = self.0.iter().find(|(pattern, _)| pattern == tool);
        let fitting = || self.0.iter().find(|(pattern, _)| fits_glob(pattern, tool));
        exact.or_else(fitting).map_or(Effect::Destroy, |(_, effect)| *effect)
    }

    /// The patterns that fit none of these tools.
    pub fn unmatched<'e>(&'e self, tools: &'e [String]) -> impl Iterator<Item = &'e str> {
        let fits = |pattern: &str| tools.iter().any(|tool| pattern == tool || fits_glob(pattern, tool));
        self.0.iter().map(|(pattern, _)| pattern.as_str()).filter(move |pattern| !fits(pattern))
    }
}

/// Reads `[connectors]`.
pub(super) fn connectors(reader: &Reader<'_>, root: &DeTable<'_>, folder: &Path) -> Vec<ConnectorEntry> {
    let Some(table) = root.get("connectors").and_then(|it| reader.table(it, "write [connectors.NAME]"))
    else {
        if !root.contains_key("connectors") {
            reader.refuse(
                0,
                "there are no connectors",
                "add [connectors.NAME] with `spec`, `command` or `url`",
            );
        }
        return Vec::new();
    };
    let mut found: Vec<ConnectorEntry> = Vec::new();
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
        if let Some(kind) = kind(reader, table, offset, folder) {
            found.push(entry(reader, table, name, kind));
        }
    }
    found
}

fn entry(
    reader: &Reader<'_>,
    table: &DeTable<'_>,
    name: AttachedName,
    kind: ConnectorKind,
) -> ConnectorEntry {
    let seconds = |key: &str, usual| {
        let number = table.get(key).and_then(|value| reader.number(value, 1, MOST_SECONDS));
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
    let (timeout, idle) = (seconds("timeout", USUAL_TIMEOUT), seconds("idle", USUAL_IDLE));
    let sessions = sessions(reader, table, &kind);
    ConnectorEntry { name, kind, effects: EffectRules(rules), timeout, idle, sessions }
}

/// Who shares a session. A session over HTTP costs little, so each agent has its own.
fn sessions(reader: &Reader<'_>, table: &DeTable<'_>, kind: &ConnectorKind) -> Sessions {
    const REMEDY: &str = "write `sessions = \"agent\"` or `sessions = \"shared\"`";
    let usual = if matches!(kind, ConnectorKind::Http(_)) { Sessions::Agent } else { Sessions::Shared };
    let Some(value) = table.get("sessions") else { return usual };
    match reader.text(value, REMEDY).as_deref() {
        Some("agent") => Sessions::Agent,
        Some("shared") => Sessions::Shared,
        Some(other) => {
            reader.refuse(value.span().start, format!("`{other}` says not who shares a session"), REMEDY);
            usual
        }
        None => usual,
    }
}

/// Reads the kind of a connector, and refuses keys that belong to another kind.
fn kind(reader: &Reader<'_>, table: &DeTable<'_>, offset: usize, folder: &Path) -> Option<ConnectorKind> {
    let kinds: Vec<&str> =
        ["spec", "command", "url"].into_iter().filter(|key| table.contains_key(*key)).collect();
    let [kind] = kinds[..] else {
        let problem = match kinds.len() {
            0 => "the connector has no `spec`, `command` or `url`".to_owned(),
            _ => format!("the connector has `{}`, which contradict each other", kinds.join("` and `")),
        };
        reader.refuse(offset, problem, KINDS);
        return None;
    };
    let value = table.get(kind)?;
    match kind {
        "spec" => {
            reader.check_keys(table, &["spec"]);
            let path = folder.join(reader.text(value, "write the folder of a connector.toml")?);
            Some(ConnectorKind::Served(path))
        }
        "command" => {
            const KEYS: [&str; 13] = [
                "args",
                "command",
                "directory",
                "effects",
                "env",
                "idle",
                "memory",
                "pass",
                "sessions",
                "sockets",
                "timeout",
                "unconfined",
                "user",
            ];
            reader.check_keys(table, &KEYS);
            child(reader, table, value, folder).map(ConnectorKind::Child)
        }
        _ => {
            reader.check_keys(table, &["effects", "idle", "sessions", "timeout", "token", "url"]);
            let url = reader.text(value, "write `url = \"https://…\"`")?;
            if !url.starts_with("https://") && !url.starts_with("http://") {
                reader.refuse(
                    value.span().start,
                    format!("`{url}` is not an address"),
                    "write `url = \"https://…\"`",
                );
                return None;
            }
            const TOKEN: &str =
                "write the name of the variable that holds the token, as in `token = \"DOCS_TOKEN\"`";
            let token = table.get("token").and_then(|it| reader.text(it, TOKEN).map(|name| (name, it)));
            let token = token.and_then(|(name, it)| variable(reader, name, it.span().start, TOKEN));
            if token.is_some() && url.starts_with("http://") && !is_loopback(&url) {
                let problem = format!("the token would be sent to `{url}` without encryption");
                reader.refuse(value.span().start, problem, "write `url = \"https://…\"`, or remove `token`");
                return None;
            }
            Some(ConnectorKind::Http(HttpUpstream { url, token }))
        }
    }
}

/// Whether an address is one of this machine, so that other machines cannot read the traffic.
pub(crate) fn is_loopback(url: &str) -> bool {
    let parsed = url.parse::<http::Uri>().ok();
    let host = parsed.as_ref().and_then(http::Uri::host).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn child(
    reader: &Reader<'_>,
    table: &DeTable<'_>,
    command: &Placed<'_>,
    folder: &Path,
) -> Option<ChildCommand> {
    let mut words: Vec<String> = match command.get_ref() {
        DeValue::String(_) => vec![reader.text(command, COMMAND)?],
        _ => reader.texts(command, COMMAND)?.into_iter().map(|(word, _)| word).collect(),
    };
    if words.is_empty() {
        reader.refuse(command.span().start, "the command names no program", COMMAND);
        return None;
    }
    let more = table.get("args").and_then(|args| reader.texts(args, "write `args = [\"--flag\"]`"));
    words.extend(more.into_iter().flatten().map(|(word, _)| word));
    let mut variables = Vec::new();
    if let Some(env) = table.get("env").and_then(|env| reader.table(env, "write `env = { TZ = \"UTC\" }`")) {
        for (key, value) in env.iter() {
            let remedy = "write `env = { TZ = \"UTC\" }`";
            let name = variable(reader, key.get_ref().to_string(), key.span().start, remedy);
            variables.extend(name.zip(reader.text(value, remedy)));
        }
    }
    let passed = table.get("pass").and_then(|pass| reader.texts(pass, "write `pass = [\"HOME\"]`"));
    let passed = passed.into_iter().flatten();
    let passed =
        passed.filter_map(|(name, offset)| variable(reader, name, offset, "write `pass = [\"HOME\"]`"));
    let place = table.get("directory").and_then(|it| reader.text(it, "write a folder"));
    Some(ChildCommand {
        program: words.remove(0),
        arguments: words,
        variables,
        passed: passed.collect(),
        folder: place.map_or_else(|| folder.to_owned(), |place| folder.join(place)),
        memory: table.get("memory").and_then(|it| reader.number(it, 16, 1 << 20)),
        confinement: confinement(reader, table),
    })
}

/// The name of a variable.
fn variable(reader: &Reader<'_>, name: String, offset: usize, remedy: &str) -> Option<String> {
    let is_valid = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|char: char| char.is_ascii_digit());
    if !is_valid {
        reader.refuse(offset, format!("`{name}` is not the name of a variable"), remedy);
    }
    is_valid.then_some(name)
}
