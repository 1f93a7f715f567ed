//! gateway.toml: the connectors behind the endpoint, and the agents that may use them.

mod agent;
mod confinement;
mod connector;
mod error;
mod reader;
mod rights;

use std::fmt;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

pub use confinement::Confinement;
pub(crate) use connector::is_loopback;
pub use connector::{ChildCommand, ConnectorEntry, ConnectorKind, EffectRules, HttpUpstream, Sessions};
pub use error::ConfigError;
use reader::Reader;
pub use rights::AgentRights;

/// The name of the endpoint, of its state folder and of its variables.
pub(crate) const NAME: &str = "gateway";

/// The keys at the top of the file.
const KEYS: [&str; 6] = ["agents", "audit", "connectors", "listen", "public_url", "store"];

/// gateway.toml.
#[derive(Clone, Debug, PartialEq)]
pub struct GatewayConfig {
    /// The file.
    pub file: PathBuf,
    /// The address at which the gateway serves HTTP. Without it, it serves its standard input and output.
    pub listen: Option<String>,
    /// The URL at which clients reach the gateway.
    pub public_url: Option<String>,
    /// The folder of the state, if it is not the usual one.
    pub store: Option<PathBuf>,
    /// The audit: `on`, or a folder.
    pub audit: Option<String>,
    /// The connectors, in the order of the file.
    pub connectors: Vec<ConnectorEntry>,
    /// The names of the agents, in the order of the file.
    pub agents: Vec<String>,
    /// The rights of all agents.
    pub rights: AgentRights,
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
                "{} cannot be read: {why}; name another file with --config, or write one as docs/gateway.md shows",
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

impl GatewayConfig {
    /// The absolute path of the file, without links. It identifies the file.
    ///
    /// # Errors
    /// Returns an error if the file no longer exists.
    pub(crate) fn place(&self) -> std::io::Result<PathBuf> {
        std::fs::canonicalize(&self.file)
    }

    /// Keeps the programs of all connectors from these folders and files.
    pub(crate) fn protect(&mut self, paths: &[PathBuf]) {
        for entry in &mut self.connectors {
            if let ConnectorKind::Child(child) = &mut entry.kind {
                child.confinement.protected.extend_from_slice(paths);
            }
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Returns every problem of the file.
    pub fn read(file: &Path) -> Result<Self, InvalidConfig> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| InvalidConfig::Unreadable(file.to_owned(), error.to_string()))?;
        Self::parse(file, &text)
    }

    /// Parses the text of a file. Relative paths are relative to the folder of the file.
    ///
    /// # Errors
    /// Returns every problem of the text.
    pub fn parse(file: &Path, text: &str) -> Result<Self, InvalidConfig> {
        let invalid = |problems| InvalidConfig::Problems(file.to_owned(), problems);
        let root = DeTable::parse(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let problem = error.message().replace('\n', ", ");
            invalid(vec![ConfigError::at(text, offset, problem, "correct the TOML")])
        })?;
        let reader = Reader::new(text);
        let config = config(&reader, file, root.get_ref());
        let problems = reader.into_problems();
        if problems.is_empty() { Ok(config) } else { Err(invalid(problems)) }
    }
}

/// Reads the file as far as it is valid. The reader has the problems.
fn config(reader: &Reader<'_>, file: &Path, root: &DeTable<'_>) -> GatewayConfig {
    reader.check_keys(root, &KEYS);
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let written = |key: &str, remedy: &str| root.get(key).and_then(|value| reader.text(value, remedy));
    let connectors = connector::connectors(reader, root, &folder);
    let (agents, rights) = agent::agents(reader, root, &connectors);
    let audit = written("audit", "write `audit = \"on\"` or a folder");
    let audit = audit.filter(|audit| audit != "off").map(|audit| match audit.as_str() {
        "on" => audit,
        _ => folder.join(audit).display().to_string(),
    });
    let listen = written("listen", "write an address such as `listen = \"127.0.0.1:8800\"`");
    if let (Some(url), None) = (root.get("public_url"), &listen) {
        reader.refuse(
            url.span().start,
            "`public_url` needs `listen`, because only clients over HTTP have an address",
            "add `listen = \"127.0.0.1:8800\"`",
        );
    }
    GatewayConfig {
        file: file.to_owned(),
        listen,
        public_url: written("public_url", "write the URL that clients use, ending with /mcp"),
        store: written("store", "write a folder").map(|store| folder.join(store)),
        audit,
        connectors,
        agents,
        rights,
    }
}

#[cfg(test)]
mod tests;
