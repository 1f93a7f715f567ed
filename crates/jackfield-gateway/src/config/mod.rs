//! gateway.toml: the connectors behind the endpoint, and the agents that may use them.

mod agent;
mod agent_rules;
mod client;
mod confinement;
mod connector;
mod connectors;
pub(crate) mod edit;
mod error;
pub(crate) mod file;
mod kind;
mod principal;
mod reader;
mod registry;
mod rights;

use std::fmt;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use agent::AgentScope;
pub use agent::{AgentEntry, Agents};
pub(crate) use agent_rules::prefixes_of;
pub use confinement::{Confinement, QuarantineLimits};
pub use connector::{
    ChildCommand, ConnectorEntry, ConnectorKind, CredentialOwner, EffectRules, HttpUpstream, LinkedConnector,
    PackagePin, PublishedServer, Sessions, UpstreamClient,
};
pub use error::ConfigError;
pub(crate) use kind::{is_loopback, is_variable};
pub use principal::AgentPrincipal;
use reader::Reader;
pub use rights::AgentRights;

/// The name of the endpoint, which its state folder and its environment variables also have.
pub(crate) const NAME: &str = "gateway";

/// The keys at the top of the file.
const KEYS: [&str; 12] = [
    "agents",
    "audience",
    "audit",
    "client_id",
    "client_secret_command",
    "connectors",
    "issuer",
    "listen",
    "public_url",
    "registry",
    "scopes",
    "store",
];

/// The content of gateway.toml.
#[derive(Clone, Debug, PartialEq)]
pub struct GatewayConfig {
    /// The path of the file.
    pub file: PathBuf,
    /// The host and port at which the gateway serves HTTP. `None` means that it serves stdio.
    pub listen: Option<String>,
    /// The URL at which clients reach the gateway.
    pub public_url: Option<String>,
    /// The state folder, if it is not the default.
    pub store: Option<PathBuf>,
    /// The address of the registry in which commands find published servers, if it is not the official one.
    pub registry: Option<String>,
    /// The value of `audit`: `on`, or a folder.
    pub audit: Option<String>,
    /// The connectors, in the order of the file.
    pub connectors: Vec<ConnectorEntry>,
    /// The authorization server whose access tokens are accepted, as `--issuer` names it.
    pub issuer: Option<String>,
    /// The OAuth client with which people log in at the issuer to connect their accounts.
    pub issuer_client: Option<UpstreamClient>,
    /// The audience that access tokens must contain.
    pub audience: Option<String>,
    /// The scopes that the access token of every request must have.
    pub scopes: Vec<String>,
    /// The agents in the table `[agents]`. `None` without this table: then the agents are in the store.
    pub agents: Option<Agents>,
    /// The text of the file. `None` if the configuration was not read from the file.
    pub(crate) text: Option<String>,
}

/// The problems of gateway.toml.
#[derive(Clone, Debug, PartialEq)]
pub enum InvalidConfig {
    /// The file cannot be read.
    Unreadable(PathBuf, String),
    /// The content is invalid.
    Problems(PathBuf, Vec<ConfigError>),
}

impl fmt::Display for InvalidConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(file, why) => write!(
                f,
                "{} cannot be read: {why}; name another file with --config, or make one with `jackfield-gateway add NAME`",
                file.display()
            ),
            Self::Problems(file, problems) => {
                let lines: Vec<String> =
                    problems.iter().map(|problem| format!("{}:{problem}", file.display())).collect();
                f.write_str(&lines.join("\n"))
            }
        }
    }
}

impl std::error::Error for InvalidConfig {}

impl InvalidConfig {
    /// Returns the problems without line numbers, for a text that differs from the file.
    pub(crate) fn without_places(&self) -> String {
        match self {
            Self::Unreadable(_, why) => why.clone(),
            Self::Problems(_, problems) => {
                let texts: Vec<String> =
                    problems.iter().map(|it| format!("{}; {}", it.problem(), it.remedy())).collect();
                texts.join("\n")
            }
        }
    }
}

impl GatewayConfig {
    /// Returns the absolute path of the file, with symbolic links resolved. The path identifies the gateway. A gateway without a file is
    /// identified by the path of its program.
    ///
    /// # Errors
    /// Returns an error if the file no longer exists.
    pub(crate) fn place(&self) -> std::io::Result<PathBuf> {
        match &self.text {
            Some(_) => file::canonical(&self.file),
            None => std::env::current_exe(),
        }
    }

    /// Adds folders and files that the programs of connectors may not use.
    pub(crate) fn protect(&mut self, paths: &[PathBuf]) {
        for entry in &mut self.connectors {
            if let ConnectorKind::Child(child) = &mut entry.kind {
                child.confinement.protected.extend_from_slice(paths);
            }
        }
    }

    /// Sets the folder of the packages that the connectors start.
    pub(crate) fn find_packages_in(&mut self, folder: &Path) {
        for entry in &mut self.connectors {
            if let ConnectorKind::Child(ChildCommand { package: Some(pin), .. }) = &mut entry.kind {
                folder.clone_into(&mut pin.folder);
            }
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Returns every problem of the file.
    pub fn read(file: &Path) -> Result<Self, InvalidConfig> {
        Self::read_with(file, &[])
    }

    /// Reads a file for a program with compiled-in connectors (`linked`).
    pub(crate) fn read_with(file: &Path, linked: &[ConnectorEntry]) -> Result<Self, InvalidConfig> {
        let text = file::text(file)
            .map_err(|error| InvalidConfig::Unreadable(file.to_owned(), error.to_string()))?;
        let config = Self::parse_with(file, &text, linked)?;
        Ok(Self { text: Some(text), ..config })
    }

    /// Parses the text of a file. Relative paths are relative to the folder of the file.
    ///
    /// # Errors
    /// Returns every problem of the text.
    pub fn parse(file: &Path, text: &str) -> Result<Self, InvalidConfig> {
        Self::parse_with(file, text, &[])
    }

    /// Parses the text of a file for a program with compiled-in connectors (`linked`).
    pub(crate) fn parse_with(
        file: &Path,
        text: &str,
        linked: &[ConnectorEntry],
    ) -> Result<Self, InvalidConfig> {
        parsed(file, text, |reader, root| config(reader, file, root, linked))
    }

    /// Parses agents that are not in gateway.toml. Agents in the store (`is_stored`) may name connectors that gateway.toml no longer has.
    ///
    /// # Errors
    /// Returns every problem of the text.
    pub fn parse_agents(&self, file: &Path, text: &str, is_stored: bool) -> Result<Agents, InvalidConfig> {
        parsed(file, text, |reader, root| {
            reader.check_keys(root, &["agents"]);
            let (connectors, issuer) = (self.connectors.as_slice(), self.issuer.as_deref());
            Agents::read(reader, root, AgentScope { connectors, issuer, is_stored })
        })
    }

    /// Returns the connectors that are compiled into this program.
    pub(crate) fn linked(&self) -> Vec<ConnectorEntry> {
        let is_linked = |entry: &&ConnectorEntry| matches!(entry.kind, ConnectorKind::Linked(_));
        self.connectors.iter().filter(is_linked).cloned().collect()
    }

    /// Returns the keys that differ in another version of the file, and that a running gateway cannot apply.
    pub(crate) fn fixed_keys_that_differ(&self, other: &Self) -> Vec<&'static str> {
        let keys = [
            ("listen", self.listen == other.listen),
            ("public_url", self.public_url == other.public_url),
            ("store", self.store == other.store),
            ("audit", self.audit == other.audit),
            ("issuer", self.issuer == other.issuer),
            ("client_id", self.issuer_client == other.issuer_client),
            ("audience", self.audience == other.audience),
            ("scopes", self.scopes == other.scopes),
        ];
        keys.into_iter().filter_map(|(key, is_same)| (!is_same).then_some(key)).collect()
    }

    /// Returns the environment variables that connectors name, each with the connector that names it.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for entry in &self.connectors {
            let names: Vec<&String> = match &entry.kind {
                ConnectorKind::Child(command) => command.passed.iter().collect(),
                ConnectorKind::Http(server) => {
                    let named =
                        server.token.iter().chain(server.headers.iter().map(|(_, variable)| variable));
                    named.filter(|variable| !server.secrets.contains(variable)).collect()
                }
                ConnectorKind::Served(_) | ConnectorKind::Linked(_) => Vec::new(),
            };
            found.extend(names.into_iter().map(|name| (entry.name.as_str().to_owned(), name.clone())));
        }
        found
    }

    /// Returns the connector with this name.
    pub fn connector(&self, name: &str) -> Option<&ConnectorEntry> {
        self.connectors.iter().find(|entry| entry.name.as_str() == name)
    }
}

/// Parses TOML, and reads its root. The problems are about `file`.
fn parsed<T>(
    file: &Path,
    text: &str,
    read: impl FnOnce(&Reader<'_>, &DeTable<'_>) -> T,
) -> Result<T, InvalidConfig> {
    let invalid = |problems| InvalidConfig::Problems(file.to_owned(), problems);
    let root = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let problem = error.message().replace('\n', ", ");
        invalid(vec![ConfigError::at(text, offset, problem, "correct the TOML")])
    })?;
    let reader = Reader::new(text);
    let found = read(&reader, root.get_ref());
    let problems = reader.into_problems();
    if problems.is_empty() { Ok(found) } else { Err(invalid(problems)) }
}

/// Reads the file as far as it is valid. The problems are added to `reader`.
fn config(reader: &Reader<'_>, file: &Path, root: &DeTable<'_>, linked: &[ConnectorEntry]) -> GatewayConfig {
    reader.check_keys(root, &KEYS);
    let folder = file::folder(file);
    let written = |key: &str, remedy: &str| root.get(key).and_then(|value| reader.text(value, remedy));
    let connectors = connectors::connectors(reader, root, &folder, linked);
    let audit = written("audit", "write `audit = \"on\"` or a folder");
    let audit = audit.filter(|audit| audit != "off").map(|audit| match audit.as_str() {
        "on" => audit,
        _ => folder.join(audit).display().to_string(),
    });
    let listen = written("listen", "write an address such as `listen = \"127.0.0.1:8800\"`");
    for key in ["public_url", "issuer"] {
        if let (Some(value), None) = (root.get(key), &listen) {
            reader.refuse(
                value.span().start,
                format!("`{key}` needs `listen`, because only clients over HTTP have an address and tokens"),
                "add `listen = \"127.0.0.1:8800\"`",
            );
        }
    }
    let issuer = written("issuer", "write the URL that access tokens have as `iss`");
    for key in ["audience", "client_id", "client_secret_command", "scopes"] {
        if let (Some(value), None) = (root.get(key), &issuer) {
            reader.refuse(
                value.span().start,
                format!("`{key}` needs `issuer`, because it applies only to access tokens"),
                "add `issuer = \"https://id.example.com\"`",
            );
        }
    }
    let scopes = root.get("scopes").and_then(|it| reader.texts(it, "write `scopes = [\"shop.use\"]`"));
    let scope = AgentScope { connectors: &connectors, issuer: issuer.as_deref(), is_stored: false };
    let agents = root.contains_key("agents").then(|| Agents::read(reader, root, scope));
    GatewayConfig {
        file: file.to_owned(),
        listen,
        public_url: written("public_url", "write the URL that clients use, ending with /mcp"),
        store: written("store", "write a folder").map(|store| folder.join(store)),
        registry: written("registry", "write the address of a registry, as in `registry = \"https://…\"`"),
        audit,
        connectors,
        audience: written("audience", "write the audience of access tokens"),
        scopes: scopes.into_iter().flatten().map(|(scope, _)| scope).collect(),
        issuer,
        issuer_client: client::client(reader, root, false),
        agents,
        text: None,
    }
}

#[cfg(test)]
mod tests;
