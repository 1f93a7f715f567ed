//! The connectors of gateway.toml.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use jackfield_recipe::{Effect, fits_glob, hex_encode};
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{AttachedName, Custom};
use sha2::{Digest as _, Sha256};

use super::confinement::Confinement;

/// The default timeout of a call, in seconds.
pub(super) const USUAL_TIMEOUT: u64 = 30;
/// The default time without calls after which a connection is closed, in seconds.
pub(super) const USUAL_IDLE: u64 = 300;

/// The default time for a person to answer an elicitation, in seconds.
pub(super) const USUAL_ANSWER: u64 = 300;

/// A connector behind the gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectorEntry {
    /// The name of the connector, which prefixes the names of its tools.
    pub name: AttachedName,
    /// The source of the connector's tools.
    pub kind: ConnectorKind,
    /// The service of the catalogue, if `catalogue` names one.
    pub service: Option<String>,
    /// The published server, if `registry` names one.
    pub published: Option<PublishedServer>,
    /// The effects of the connector's tools.
    pub effects: EffectRules,
    /// The timeout of a call.
    pub timeout: Duration,
    /// The time without calls after which a connection is closed.
    pub idle: Duration,
    /// The time for a person to answer an elicitation of the server.
    pub answer_timeout: Duration,
    /// The callers that share a session with the server.
    pub sessions: Sessions,
    /// The owner of the account with which calls are made. `None` without the key `credential`: the default depends on the kind of
    /// connector.
    pub credential: Option<CredentialOwner>,
}

/// The owner of the account with which the calls of a connector are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialOwner {
    /// All agents use the account of the gateway.
    Service,
    /// Each caller uses its own account. A caller is an agent with a token, or a person who is a subject of the issuer.
    Agent,
}

/// The callers that share a session with another MCP server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// All agents share one session.
    Shared,
    /// Each agent has its own session.
    Agent,
}

impl ConnectorEntry {
    /// Whether the connector is another MCP server at which each caller has its own account.
    pub(crate) fn has_own_accounts(&self) -> bool {
        self.kind.is_remote() && self.credential == Some(CredentialOwner::Agent)
    }

    /// Creates the entry of a generated connector that is compiled into this program.
    pub(crate) fn linked(name: AttachedName, linked: LinkedConnector) -> Self {
        Self {
            name,
            kind: ConnectorKind::Linked(linked),
            service: None,
            published: None,
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
    /// A connector.toml, served as by `jackfield serve`.
    Served(PathBuf),
    /// An MCP server that the gateway starts, and calls over stdio.
    Child(ChildCommand),
    /// An MCP server that is called over HTTP.
    Http(HttpUpstream),
    /// A generated connector that is compiled into this program.
    Linked(LinkedConnector),
}

/// A generated connector that is compiled into a program. It cannot change while the program runs.
#[derive(Clone, Debug)]
pub struct LinkedConnector {
    rows: ConnectorRows,
    custom: Custom,
}

impl LinkedConnector {
    /// Creates a connector from its generated tables and its hand-written tools.
    pub(crate) const fn new(rows: ConnectorRows, custom: Custom) -> Self {
        Self { rows, custom }
    }

    /// Returns the generated tables of the connector.
    pub const fn rows(&self) -> &ConnectorRows {
        &self.rows
    }

    /// Returns the hand-written tools, resources and prompts.
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
    /// Whether the tools come from another MCP server.
    pub(crate) const fn is_remote(&self) -> bool {
        matches!(self, Self::Child(_) | Self::Http(_))
    }

    /// Returns the variables whose values are in the vault.
    pub(crate) fn secrets(&self) -> &[String] {
        match self {
            Self::Child(command) => &command.secrets,
            Self::Http(upstream) => &upstream.secrets,
            Self::Served(_) | Self::Linked(_) => &[],
        }
    }

    /// Returns a digest of the command or URL. The plain text is not stored, because arguments can be secret. For a package, the digest
    /// depends on the name of the published server only, so that the tools of a new version are compared with those of the old one.
    pub(crate) fn digest(&self) -> String {
        let parts: Vec<String> = match self {
            Self::Served(path) => vec!["spec".to_owned(), path.display().to_string()],
            Self::Child(ChildCommand { package: Some(pin), .. }) => {
                vec!["registry".to_owned(), pin.server.name.clone()]
            }
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

/// An MCP server in a registry, with its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedServer {
    /// The name of the server.
    pub name: String,
    /// The version of the server.
    pub version: String,
}

impl fmt::Display for PublishedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// A fetched package that gateway.toml names by its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackagePin {
    /// The published server that the package contains.
    pub server: PublishedServer,
    /// The digest of the package, which begins with `sha256:`.
    pub digest: String,
    /// The folder of all packages. The gateway sets it.
    pub folder: PathBuf,
}

/// The command that starts an MCP server, and the settings of its process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildCommand {
    /// The fetched package whose program is started. Then `program` is empty, and `arguments` are added to those of the package.
    pub package: Option<Box<PackagePin>>,
    /// The path or name of the program.
    pub program: String,
    /// The arguments of the program.
    pub arguments: Vec<String>,
    /// The environment variables that gateway.toml sets.
    pub variables: Vec<(String, String)>,
    /// The environment variables that the program gets from the gateway, besides `PATH`.
    pub passed: Vec<String>,
    /// The environment variables whose values are in the vault.
    pub secrets: Vec<String>,
    /// The working directory of the program.
    pub folder: PathBuf,
    /// The maximum memory of each of the program's processes, in MiB.
    pub memory: Option<u64>,
    /// The limits on the program's files, sockets and user.
    pub confinement: Confinement,
}

/// The URL of an MCP server, and how the gateway authenticates there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUpstream {
    /// The URL of the server.
    pub url: String,
    /// The environment variable that holds the bearer token.
    pub token: Option<String>,
    /// Additional headers: the lower-case name of each, and the variable that holds its value.
    pub headers: Vec<(String, String)>,
    /// The variables of `token` and `headers` whose values are in the vault, instead of in the environment.
    pub secrets: Vec<String>,
    /// The OAuth client that is registered at the server's authorization server.
    pub client: Option<UpstreamClient>,
}

/// An OAuth client that a person has registered at the authorization server of an MCP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamClient {
    /// The client id.
    pub id: String,
    /// The command that prints the client secret.
    pub secret_command: Option<Vec<String>>,
}

/// The effects of another MCP server's tools, by name or pattern. The server's own annotations are not trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EffectRules(pub(super) Vec<(String, Effect)>);

impl EffectRules {
    /// Returns the effect of a tool: the effect of its exact name, or else of the first matching pattern, or else `Destroy`.
    pub fn of(&self, tool: &str) -> Effect {
        let exact = self.0.iter().find(|(pattern, _)| pattern == tool);
        let fitting = || self.0.iter().find(|(pattern, _)| fits_glob(pattern, tool));
        exact.or_else(fitting).map_or(Effect::Destroy, |(_, effect)| *effect)
    }

    /// Returns the names and patterns with their effects.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (&str, Effect)> {
        self.0.iter().map(|(pattern, effect)| (pattern.as_str(), *effect))
    }

    /// Returns the names and patterns that do not match any of `tools`.
    pub fn unmatched<'e>(&'e self, tools: &'e [String]) -> impl Iterator<Item = &'e str> {
        let fits = |pattern: &str| tools.iter().any(|tool| pattern == tool || fits_glob(pattern, tool));
        self.0.iter().map(|(pattern, _)| pattern.as_str()).filter(move |pattern| !fits(pattern))
    }
}
