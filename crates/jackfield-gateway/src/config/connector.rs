//! The connectors of gateway.toml.

use std::path::PathBuf;
use std::time::Duration;

use jackfield_recipe::{Effect, fits_glob, hex_encode};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{AttachedName, Custom};
use sha2::{Digest as _, Sha256};

use super::confinement::Confinement;

/// The time limit of a call, in seconds.
pub(super) const USUAL_TIMEOUT: u64 = 30;
/// The time without a call after which a connection is ended, in seconds.
pub(super) const USUAL_IDLE: u64 = 300;

/// The time that a person has for an answer, in seconds.
pub(super) const USUAL_ANSWER: u64 = 300;

/// A connector behind the gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectorEntry {
    /// The name that clients see before its tools.
    pub name: AttachedName,
    /// The source of its tools.
    pub kind: ConnectorKind,
    /// The service of the catalogue that `catalogue` names.
    pub service: Option<String>,
    /// The effects of its tools.
    pub effects: EffectRules,
    /// How long a call may take.
    pub timeout: Duration,
    /// How long a connection stays open without calls.
    pub idle: Duration,
    /// How long a person has for an answer to a question of the server.
    pub answer_timeout: Duration,
    /// The callers that share a session with the server.
    pub sessions: Sessions,
    /// The account with which its calls are made. `None` without the key, which means the usual one of its kind.
    pub credential: Option<CredentialOwner>,
}

/// The owner of the account with which the calls of a connector are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialOwner {
    /// All agents use the account of the gateway.
    Service,
    /// Each caller has an account of its own: an agent with a token, or a person who is a subject of the issuer.
    Agent,
}

/// The callers that share a session with another MCP server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// All agents share one.
    Shared,
    /// Each agent has its own.
    Agent,
}

impl ConnectorEntry {
    /// Whether each caller has an account of its own at another MCP server.
    pub(crate) fn has_own_accounts(&self) -> bool {
        self.kind.is_remote() && self.credential == Some(CredentialOwner::Agent)
    }

    /// A generated connector that this program has.
    pub(crate) fn linked(name: AttachedName, linked: LinkedConnector) -> Self {
        Self {
            name,
            kind: ConnectorKind::Linked(linked),
            service: None,
            effects: EffectRules::default(),
            timeout: Duration::from_secs(USUAL_TIMEOUT),
            idle: Duration::from_secs(USUAL_IDLE),
            answer_timeout: Duration::from_secs(USUAL_ANSWER),
            sessions: Sessions::Shared,
            credential: None,
        }
    }
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
    /// A generated connector that this program has.
    Linked(LinkedConnector),
}

/// A generated connector that a program has. It cannot change while the program runs.
#[derive(Clone, Debug)]
pub struct LinkedConnector {
    rows: ConnectorRows,
    custom: Custom,
}

impl LinkedConnector {
    /// A connector, with its hand-written tools.
    pub(crate) const fn new(rows: ConnectorRows, custom: Custom) -> Self {
        Self { rows, custom }
    }

    /// The rows of the connector.
    pub const fn rows(&self) -> &ConnectorRows {
        &self.rows
    }

    /// Its hand-written tools, resources and prompts.
    pub const fn custom(&self) -> &Custom {
        &self.custom
    }
}

impl PartialEq for LinkedConnector {
    fn eq(&self, other: &Self) -> bool {
        self.rows.get().name() == other.rows.get().name()
    }
}

impl ConnectorKind {
    /// Whether it is another MCP server.
    pub(crate) const fn is_remote(&self) -> bool {
        matches!(self, Self::Child(_) | Self::Http(_))
    }

    /// A digest of the command or the address. It is not the text, because arguments can be secret.
    pub(crate) fn digest(&self) -> String {
        let parts: Vec<String> = match self {
            Self::Served(path) => vec!["spec".to_owned(), path.display().to_string()],
            Self::Child(ChildCommand { program, arguments, folder, .. }) => {
                let begin = ["command".to_owned(), folder.display().to_string(), program.clone()];
                begin.into_iter().chain(arguments.iter().cloned()).collect()
            }
            Self::Http(upstream) => vec!["url".to_owned(), upstream.url.clone()],
            Self::Linked(linked) => vec!["linked".to_owned(), linked.rows.get().name().to_owned()],
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
    /// The variables whose values are in the vault.
    pub secrets: Vec<String>,
    /// The folder in which it is started.
    pub folder: PathBuf,
    /// The most memory of each of its processes, in mebibytes.
    pub memory: Option<u64>,
    /// The limits on its files, sockets and user.
    pub confinement: Confinement,
}

/// The address of an MCP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUpstream {
    /// The URL.
    pub url: String,
    /// The variable that holds its bearer token.
    pub token: Option<String>,
    /// Further headers: the name of each in lower case, and the variable that holds its value.
    pub headers: Vec<(String, String)>,
    /// The client that is registered at its authorization server.
    pub client: Option<UpstreamClient>,
}

/// A client that a person has registered at the authorization server of an MCP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamClient {
    /// Its id.
    pub id: String,
    /// The command that prints its secret.
    pub secret_command: Option<Vec<String>>,
}

/// The effects of tools of another MCP server, by patterns. Its own hints are not believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EffectRules(pub(super) Vec<(String, Effect)>);

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
