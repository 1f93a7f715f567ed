//! A published version of a server.

use serde_json::Value;

use super::error::EntryError;
use super::name::ServerName;
use super::node::{NAME, Node, TEXT, URL};
use super::official::Official;
use super::package::Package;
use super::remote::Remote;
use super::version::ExactVersion;

/// The maximum number of packages, and of remote servers.
const MOST_WAYS: usize = 50;

/// A published version of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: ServerName,
    /// The version.
    pub version: ExactVersion,
    /// The title.
    pub title: Option<String>,
    /// The description.
    pub description: String,
    /// The home page.
    pub website: Option<String>,
    /// The source code.
    pub repository: Option<Repository>,
    /// The packages that contain the server.
    pub packages: Vec<Package>,
    /// The addresses at which the server runs.
    pub remotes: Vec<Remote>,
    /// Facts that the registry states.
    pub official: Official,
}

/// The repository of the source code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The URL.
    pub url: String,
    /// The service that hosts it, such as `github`.
    pub source: Option<String>,
    /// The identifier that the service gave it.
    pub id: Option<String>,
    /// The folder of the server.
    pub subfolder: Option<String>,
}

impl Entry {
    /// Parses an item of the registry's API (`{"server": …, "_meta": …}`), or a bare `server.json`. Unknown members are ignored.
    ///
    /// # Errors
    /// Returns an error if a member has a wrong type or is too long, if a required member is missing, or if the version is a range.
    pub fn parse(item: &Value) -> Result<Self, EntryError> {
        let outer = Node::of(item, "")?;
        let server = match outer.member("server") {
            Some(server) => Node::of(server, "server")?,
            None => Node::of(item, "")?,
        };
        let known = |name: &str| server.text(name, NAME).ok().flatten();
        let label = match (known("name"), known("version")) {
            (Some(name), Some(version)) => format!("{name}@{version}"),
            (Some(name), None) => name,
            (None, _) => String::new(),
        };
        Self::of_parts(&outer, &server).map_err(|error| error.of(label))
    }

    fn of_parts(outer: &Node<'_>, server: &Node<'_>) -> Result<Self, EntryError> {
        let name = ServerName::parse(&server.required("name", NAME)?)
            .map_err(|error| server.error("name", error.to_string()))?;
        let version = server.required("version", TEXT)?;
        let version = ExactVersion::parse(&version)
            .map_err(|problem| server.error("version", format!("{version:?} is not a version: {problem}")))?;
        let mut packages = Vec::new();
        for (value, place) in server.list("packages", MOST_WAYS)? {
            packages.push(Package::parse(&Node::of(value, place)?)?);
        }
        let mut remotes = Vec::new();
        for (value, place) in server.list("remotes", MOST_WAYS)? {
            remotes.push(Remote::parse(&Node::of(value, place)?)?);
        }
        // Only the item's `_meta` is the registry's. Within the server it would be the publisher's.
        let meta = outer.member("_meta").filter(|_| outer.member("server").is_some());
        let official = match meta {
            Some(meta) => Official::parse(&Node::of(meta, "_meta")?)?,
            None => Official::default(),
        };
        Ok(Self {
            name,
            version,
            title: server.text("title", TEXT)?.filter(|title| !title.is_empty()),
            description: server.required("description", TEXT)?,
            website: server.text("websiteUrl", URL)?,
            repository: repository(server)?,
            packages,
            remotes,
            official,
        })
    }

    /// Returns the kinds of ways to use the server, each once: the kinds of its packages, and `remote`.
    pub fn kinds(&self) -> Vec<&str> {
        let mut kinds: Vec<&str> = Vec::new();
        let remote = self.remotes.iter().map(|_| "remote");
        for kind in self.packages.iter().map(|package| package.kind.as_str()).chain(remote) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds
    }
}

/// Reads the repository. An empty object stands for none.
fn repository(server: &Node<'_>) -> Result<Option<Repository>, EntryError> {
    let Some(value) = server.member("repository") else { return Ok(None) };
    let node = Node::of(value, server.place("repository"))?;
    let Some(url) = node.text("url", URL)?.filter(|url| !url.is_empty()) else { return Ok(None) };
    Ok(Some(Repository {
        url,
        source: node.text("source", NAME)?,
        id: node.text("id", NAME)?,
        subfolder: node.text("subfolder", URL)?,
    }))
}

#[cfg(test)]
mod tests;
