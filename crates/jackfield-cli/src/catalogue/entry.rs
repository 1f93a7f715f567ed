//! The services of the catalogue, as `templates/catalogue.toml` lists them.

use std::fmt;
use std::sync::OnceLock;

use jackfield_build::model::nearest;
use serde::Deserialize;
use toml::value::{Date, Datetime};

/// A list of services.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The known categories.
    pub categories: Vec<String>,
    /// The services, in the order of the file.
    #[serde(rename = "service", default)]
    pub services: Vec<Service>,
}

/// A service, with the known facts about its interfaces.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The name that `jackfield new` takes. It is also the name of the new connector.
    pub name: String,
    /// The name as the vendor spells it.
    pub title: String,
    /// One of the known categories.
    pub category: String,
    /// The reason why the catalogue has no document.
    pub note: Option<String>,
    /// The source of the OpenAPI document.
    pub document: Option<DocumentSource>,
    /// The MCP server that the vendor runs.
    pub mcp: Option<RemoteServer>,
}

/// The source of a service's OpenAPI document.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentSource {
    /// The URL of the document, or of a package that contains it.
    pub address: Option<String>,
    /// The path of the document in the package.
    pub file: Option<String>,
    /// The repository with the documents, if the catalogue names no file of the repository.
    pub repository: Option<String>,
    /// The repository, package or page that states the URL.
    pub source: String,
    /// The licence of the document, or `unknown`.
    pub licence: String,
    /// The authentication of the service, or `unknown`.
    pub auth: String,
    /// The authentication of requests for a document that does not declare it, as a value of `jackfield new --auth`.
    pub default_auth: Option<String>,
    /// The selectors of the operations that become tools of a new connector. If empty, all operations become tools.
    #[serde(default)]
    pub include: Vec<String>,
    /// The last run of Jackfield on the document.
    pub checked: Checked,
}

/// An MCP server that the vendor runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteServer {
    /// The URL.
    pub address: String,
    /// The MCP transport.
    pub transport: Transport,
    /// The authentication of clients, or `unknown`.
    pub auth: String,
    /// The repository, package or page that states the URL.
    pub source: String,
    /// The last connection to the server.
    pub checked: Checked,
}

/// A transport of MCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Streamable HTTP.
    Http,
    /// HTTP with server-sent events, the transport that Streamable HTTP replaced.
    Sse,
    /// The source does not name the transport.
    Unknown,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Sse => "sse",
            Self::Unknown => "unknown",
        })
    }
}

/// The last check of an entry: its day, and the command or person that made the check.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::Value")]
pub enum Checked {
    /// The entry was not checked.
    Unchecked,
    /// The entry was checked.
    On {
        /// The day.
        date: Date,
        /// The command or the person that checked the entry.
        by: String,
        /// The digest of the document that was checked, in hexadecimal digits.
        sha256: Option<String>,
    },
}

impl TryFrom<toml::Value> for Checked {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Self, String> {
        let expected = "expected \"unchecked\" or { on = 2026-01-31, by = \"…\", sha256 = \"…\" }";
        if value.as_str() == Some("unchecked") {
            return Ok(Self::Unchecked);
        }
        let toml::Value::Table(mut table) = value else { return Err(expected.to_owned()) };
        let date = match table.remove("on") {
            Some(toml::Value::Datetime(Datetime { date: Some(date), time: None, offset: None })) => date,
            _ => return Err(format!("`on` is not a date; {expected}")),
        };
        let mut text = |key: &str| match table.remove(key) {
            Some(toml::Value::String(text)) => Ok(Some(text)),
            None => Ok(None),
            Some(_) => Err(format!("`{key}` is not a text; {expected}")),
        };
        let by = text("by")?.ok_or_else(|| format!("`by` is missing; {expected}"))?;
        let sha256 = text("sha256")?;
        match table.keys().next() {
            Some(key) => Err(format!("unknown key `{key}`; {expected}")),
            None => Ok(Self::On { date, by, sha256 }),
        }
    }
}

impl Checked {
    /// Returns the digest of the document that was checked.
    pub fn sha256(&self) -> Option<&str> {
        match self {
            Self::On { sha256, .. } => sha256.as_deref(),
            Self::Unchecked => None,
        }
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unchecked => f.write_str("unchecked"),
            Self::On { date, .. } => write!(f, "checked {date}"),
        }
    }
}

impl Catalogue {
    /// Returns the catalogue that is embedded in this program.
    pub fn embedded() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| {
            Self::parse(jackfield_templates::CATALOGUE).expect("a test parses the embedded catalogue")
        })
    }

    /// Parses a catalogue.
    ///
    /// # Errors
    /// Returns the first problem with its line.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// Returns the service `name`.
    pub fn find(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }

    /// Returns the name of the service that is most similar to `wanted`.
    pub fn nearest(&self, wanted: &str) -> Option<&str> {
        let known = self.services.iter().flat_map(|service| [&service.name, &service.title]);
        let near = nearest(wanted, known.map(String::as_str))?;
        let service = self.services.iter().find(|service| service.name == near || service.title == near);
        service.map(|service| service.name.as_str())
    }
}
