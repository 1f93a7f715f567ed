//! Reads the kind of a connector: a folder, a program, a URL, a service of the catalogue, or a published server.

use std::path::Path;

use jackfield_cli::catalogue::{Catalogue, Transport};
use toml::de::{DeTable, DeValue};

use super::client::client;
use super::confinement::confinement;
use super::connector::{ChildCommand, ConnectorKind, HttpUpstream, PublishedServer};
use super::reader::{Placed, Reader, in_order};
use super::registry::{pin, published};

const KINDS: &str = "write one of `spec = \"FOLDER\"`, `command = [\"PROGRAM\"]`, `url = \"https://…\"` and `catalogue = \"SERVICE\"`, or run `jackfield gateway add NAME@VERSION`";
const COMMAND: &str = "write `command = [\"npx\", \"-y\", \"PACKAGE\"]`";

const SECRETS: &str = "write `secrets = [\"GITHUB_TOKEN\"]`, the variables whose values are in the vault";

/// The keys of a program, besides the key that names it.
const PROGRAM_KEYS: [&str; 15] = [
    "answer_timeout",
    "args",
    "credential",
    "directory",
    "effects",
    "env",
    "idle",
    "memory",
    "pass",
    "secrets",
    "sessions",
    "sockets",
    "timeout",
    "unconfined",
    "user",
];

/// The keys of a server over HTTP.
const HTTP_KEYS: [&str; 11] = [
    "answer_timeout",
    "client_id",
    "client_secret_command",
    "credential",
    "effects",
    "headers",
    "idle",
    "secrets",
    "sessions",
    "timeout",
    "token",
];

/// The headers that the HTTP transport sets itself.
const OWN_HEADERS: [&str; 10] = [
    "accept",
    "connection",
    "content-length",
    "content-type",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The kind of a connector, and what names it besides.
pub(super) struct ConnectorSource {
    pub(super) kind: ConnectorKind,
    /// The service, if `catalogue` names one.
    pub(super) service: Option<String>,
    /// The published server, if `registry` names one.
    pub(super) published: Option<PublishedServer>,
}

impl From<ConnectorKind> for ConnectorSource {
    fn from(kind: ConnectorKind) -> Self {
        Self { kind, service: None, published: None }
    }
}

/// Reads the kind of a connector, and refuses keys of other kinds.
pub(super) fn source(
    reader: &Reader<'_>,
    table: &DeTable<'_>,
    offset: usize,
    folder: &Path,
) -> Option<ConnectorSource> {
    let kinds = ["spec", "command", "url", "catalogue", "registry"].into_iter();
    let kinds: Vec<&str> = kinds.filter(|key| table.contains_key(*key)).collect();
    match kinds[..] {
        [] => {
            let problem = "the connector has no `spec`, `command`, `url`, `catalogue` or `registry`";
            reader.refuse(offset, problem, KINDS);
            None
        }
        ["spec"] => {
            reader.check_keys(table, &["credential", "spec"]);
            let path = folder.join(reader.text(table.get("spec")?, "write the folder of a connector.toml")?);
            Some(ConnectorKind::Served(path).into())
        }
        ["command"] => {
            reader.check_keys(table, &[&PROGRAM_KEYS[..], &["command"]].concat());
            let child = child(reader, table, words(reader, table.get("command")?)?, folder);
            Some(ConnectorKind::Child(child).into())
        }
        ["registry"] => {
            reader.check_keys(table, &[&PROGRAM_KEYS[..], &["digest", "registry"]].concat());
            let value = table.get("registry")?;
            let server = published(reader, value)?;
            let package = pin(reader, table, &server, value.span().start)?;
            if let Some(user) = table.get("user") {
                let problem = "another user cannot read a package, which is in the state of the gateway";
                reader.refuse(user.span().start, problem, "remove `user`");
            }
            let child = child(reader, table, vec![String::new()], folder);
            let kind = ConnectorKind::Child(ChildCommand { package: Some(Box::new(package)), ..child });
            Some(ConnectorSource { published: Some(server), ..kind.into() })
        }
        ["url"] | ["url", "registry"] => {
            reader.check_keys(table, &[&HTTP_KEYS[..], &["registry", "url"]].concat());
            let published = match table.get("registry") {
                Some(value) => Some(published(reader, value)?),
                None => None,
            };
            let value = table.get("url")?;
            let url = reader.text(value, "write `url = \"https://…\"`")?;
            let kind = ConnectorKind::Http(upstream(reader, table, value, url)?);
            Some(ConnectorSource { published, ..kind.into() })
        }
        ["catalogue"] => catalogued(reader, table, table.get("catalogue")?, folder),
        _ => {
            let problem =
                format!("the connector has `{}`, which contradict each other", kinds.join("` and `"));
            reader.refuse(offset, problem, KINDS);
            None
        }
    }
}

/// Returns the kind of a catalogue service: its MCP server, or the folder of a connector for its OpenAPI document.
fn catalogued(
    reader: &Reader<'_>,
    table: &DeTable<'_>,
    value: &Placed<'_>,
    folder: &Path,
) -> Option<ConnectorSource> {
    let name = reader.text(value, "write the name of a service: `jackfield catalogue` lists them")?;
    let refuse = |problem: String, remedy: String| -> Option<ConnectorSource> {
        reader.refuse(value.span().start, problem, remedy);
        None
    };
    let catalogue = Catalogue::embedded();
    let Some(service) = catalogue.find(&name) else {
        let remedy = match catalogue.nearest(&name) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`jackfield catalogue` lists them".to_owned(),
        };
        return refuse(format!("the catalogue has no service `{name}`"), remedy);
    };
    let title = &service.title;
    let has_document = service.document.as_ref().is_some_and(|document| document.address.is_some());
    match &service.mcp {
        Some(server) if server.transport != Transport::Sse => {
            reader.check_keys(table, &[&HTTP_KEYS[..], &["catalogue"]].concat());
            let server = upstream(reader, table, value, server.address.clone())?;
            Some(ConnectorSource { service: Some(name), ..ConnectorKind::Http(server).into() })
        }
        _ if has_document => {
            reader.check_keys(table, &["catalogue", "credential"]);
            let folder = folder.join(&name);
            Some(ConnectorSource { service: Some(name), ..ConnectorKind::Served(folder).into() })
        }
        Some(_) => refuse(
            format!(
                "the MCP server of {title} uses HTTP with SSE, a transport that the gateway does not support"
            ),
            format!(
                "if you have its OpenAPI document, run `jackfield new {name} --document openapi.yaml`, and write `spec = \"{name}\"`"
            ),
        ),
        None => refuse(
            format!(
                "the catalogue has neither the URL of an MCP server nor of an OpenAPI document for {title}"
            ),
            format!(
                "if you have its OpenAPI document, run `jackfield new {name} --document openapi.yaml`, and write `spec = \"{name}\"`"
            ),
        ),
    }
}

/// Reads the keys of a server over HTTP.
fn upstream(
    reader: &Reader<'_>,
    table: &DeTable<'_>,
    value: &Placed<'_>,
    url: String,
) -> Option<HttpUpstream> {
    const TOKEN: &str = "write the name of the variable that holds the token, as in `token = \"DOCS_TOKEN\"`";
    if !url.starts_with("https://") && !url.starts_with("http://") {
        let problem = format!("`{url}` is not an HTTP URL");
        reader.refuse(value.span().start, problem, "write `url = \"https://…\"`");
        return None;
    }
    let token = table.get("token").and_then(|it| reader.text(it, TOKEN).map(|name| (name, it)));
    let token = token.and_then(|(name, it)| variable(reader, name, it.span().start, TOKEN));
    let headers = headers(reader, table, token.is_some());
    let secret = match (&token, &headers[..]) {
        (Some(_), _) => Some("token"),
        (None, [_, ..]) => Some("headers"),
        (None, []) => None,
    };
    if let Some(key) = secret.filter(|_| url.starts_with("http://") && !is_loopback(&url)) {
        let what = if key == "token" { "the token" } else { "headers with secrets" };
        let problem = format!("{what} would be sent to `{url}` without encryption");
        reader.refuse(value.span().start, problem, format!("write `url = \"https://…\"`, or remove `{key}`"));
        return None;
    }
    let client = client(reader, table, token.is_some());
    let secrets = secrets(reader, table);
    let is_used = |name: &String| token.as_ref() == Some(name) || headers.iter().any(|(_, it)| it == name);
    if let Some((unused, offset)) = secrets.iter().find(|(name, _)| !is_used(name)) {
        let problem = format!("neither `token` nor `headers` uses the variable `{unused}`");
        reader.refuse(*offset, problem, "name it there, as in `token = \"DOCS_TOKEN\"`, or remove it here");
        return None;
    }
    let secrets = secrets.into_iter().map(|(name, _)| name).collect();
    Some(HttpUpstream { url, token, headers, secrets, client })
}

/// Reads `secrets`: the variables whose values are in the vault, each with its position.
fn secrets(reader: &Reader<'_>, table: &DeTable<'_>) -> Vec<(String, usize)> {
    let named = table.get("secrets").and_then(|it| reader.texts(it, SECRETS)).into_iter().flatten();
    let valid = named.filter_map(|(name, offset)| Some((variable(reader, name, offset, SECRETS)?, offset)));
    valid.collect()
}

/// Reads `headers`, whose values are names of environment variables.
fn headers(reader: &Reader<'_>, table: &DeTable<'_>, has_token: bool) -> Vec<(String, String)> {
    const HEADERS: &str = "write names of variables, as in `headers = { X-Api-Key = \"DOCS_KEY\" }`";
    let Some(headers) = table.get("headers").and_then(|it| reader.table(it, HEADERS)) else {
        return Vec::new();
    };
    let mut found: Vec<(String, String)> = Vec::new();
    for (key, value) in in_order(headers) {
        let (offset, name) = (key.span().start, key.get_ref().to_ascii_lowercase());
        let is_name = ::http::HeaderName::from_bytes(name.as_bytes()).is_ok();
        let problem = match name.as_str() {
            _ if !is_name => Some((format!("`{name}` is not the name of a header"), HEADERS)),
            "authorization" if has_token => {
                Some(("`token` sets the header Authorization already".to_owned(), "remove one of them"))
            }
            name if OWN_HEADERS.contains(&name) || name.starts_with("mcp-") => {
                Some((format!("the gateway itself sets the header `{name}`"), "remove it"))
            }
            name if found.iter().any(|(other, _)| other == name) => {
                Some((format!("there are two headers `{name}`"), "remove one of them"))
            }
            _ => None,
        };
        if let Some((problem, remedy)) = problem {
            reader.refuse(offset, problem, remedy);
            continue;
        }
        let holder = reader.text(value, HEADERS);
        let holder = holder.and_then(|text| variable(reader, text, value.span().start, HEADERS));
        found.extend(holder.map(|holder| (name, holder)));
    }
    found
}

/// Whether the host of a URL is this machine, so that other machines cannot read the traffic.
pub(crate) fn is_loopback(url: &str) -> bool {
    let parsed = url.parse::<::http::Uri>().ok();
    let host = parsed.as_ref().and_then(::http::Uri::host).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Reads the words of `command`.
fn words(reader: &Reader<'_>, command: &Placed<'_>) -> Option<Vec<String>> {
    let words: Vec<String> = match command.get_ref() {
        DeValue::String(_) => vec![reader.text(command, COMMAND)?],
        _ => reader.texts(command, COMMAND)?.into_iter().map(|(word, _)| word).collect(),
    };
    if words.is_empty() {
        reader.refuse(command.span().start, "the command names no program", COMMAND);
        return None;
    }
    Some(words)
}

/// Reads the keys of a program. `words` are the program and its first arguments.
fn child(reader: &Reader<'_>, table: &DeTable<'_>, mut words: Vec<String>, folder: &Path) -> ChildCommand {
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
    let secrets = secrets(reader, table).into_iter().map(|(name, _)| name);
    let place = table.get("directory").and_then(|it| reader.text(it, "write a folder"));
    ChildCommand {
        package: None,
        program: words.remove(0),
        arguments: words,
        variables,
        passed: passed.collect(),
        secrets: secrets.collect(),
        folder: place.map_or_else(|| folder.to_owned(), |place| folder.join(place)),
        memory: table.get("memory").and_then(|it| reader.number(it, 16, 1 << 20)),
        confinement: confinement(reader, table),
    }
}

/// Whether `name` is a valid name of an environment variable.
pub(crate) fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|char: char| char.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Returns `name` if it is a valid name of an environment variable, and otherwise reports a problem.
fn variable(reader: &Reader<'_>, name: String, offset: usize, remedy: &str) -> Option<String> {
    let is_valid = is_variable(&name);
    if !is_valid {
        reader.refuse(offset, format!("`{name}` is not the name of a variable"), remedy);
    }
    is_valid.then_some(name)
}
