//! A gateway as a Rust program describes it.

use std::path::{Path, PathBuf};

use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::{AttachedName, Custom, Effect, Environment};
use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::config::{ConnectorEntry, GatewayConfig, LinkedConnector};
use crate::failure::Failure;
use crate::gateway::OpenGateway;

/// Stands for the name of the file in messages about a gateway without a file.
const NO_FILE: &str = "this program";

/// A gateway in a program of your own, with compiled-in generated connectors and everything that gateway.toml can configure.
///
/// ```no_run
/// use jackfield_gateway::Gateway;
/// use jackfield_runtime::Effect;
/// # use jackfield_runtime::v1::Connector;
/// # mod bookshop { pub static CONNECTOR: super::Connector = super::Connector::new("bookshop"); }
///
/// fn main() -> std::process::ExitCode {
///     Gateway::new()
///         .connector(&bookshop::CONNECTOR)
///         .url("docs", "https://docs.example.com/mcp")
///         .command("time", ["mcp-server-time"])
///         .agent("reader", ["bookshop", "docs"], Effect::Read)
///         .listen("127.0.0.1:8800")
///         .serve()
/// }
/// ```
///
/// The methods check nothing; [`serve`](Self::serve) reports every problem, as `jackfield gateway` does for gateway.toml.
#[derive(Debug)]
pub struct Gateway {
    /// The settings that the methods have added, in the form of gateway.toml.
    document: DocumentMut,
    file: Option<PathBuf>,
    linked: Vec<(String, LinkedConnector)>,
    environment: Environment,
}

impl Default for Gateway {
    fn default() -> Self {
        Self::new()
    }
}

impl Gateway {
    /// Creates a gateway without connectors, with the environment variables of this process.
    pub fn new() -> Self {
        Self {
            document: DocumentMut::new(),
            file: None,
            linked: Vec::new(),
            environment: Environment::of_process(),
        }
    }

    /// Creates the gateway of a file. Connectors that are compiled into the program can be added.
    pub fn open(file: impl Into<PathBuf>) -> Self {
        Self { file: Some(file.into()), ..Self::new() }
    }

    /// Sets the environment variables, instead of the variables of this process.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Adds a generated connector under its own name.
    #[must_use]
    pub fn connector(self, connector: impl Into<ConnectorRows>) -> Self {
        self.connector_with(connector, Custom::new())
    }

    /// Adds a generated connector under its own name, with its hand-written tools, resources and prompts.
    #[must_use]
    pub fn connector_with(self, connector: impl Into<ConnectorRows>, custom: impl Into<Custom>) -> Self {
        let rows = connector.into();
        let name = rows.get().name().to_owned();
        self.connector_as(name, rows, custom)
    }

    /// Adds a generated connector under another name, with its hand-written tools, resources and prompts.
    #[must_use]
    pub fn connector_as(
        mut self,
        name: impl Into<String>,
        connector: impl Into<ConnectorRows>,
        custom: impl Into<Custom>,
    ) -> Self {
        self.linked.push((name.into(), LinkedConnector::new(connector.into(), custom.into())));
        self
    }

    /// Adds an MCP server at a URL.
    #[must_use]
    pub fn url(self, name: &str, url: &str) -> Self {
        self.entry(name, "url", value(url))
    }

    /// Adds an MCP server at a URL. An environment variable holds the bearer token.
    #[must_use]
    pub fn url_with_token(self, name: &str, url: &str, variable: &str) -> Self {
        let mut gateway = self.entry(name, "url", value(url));
        gateway.document["connectors"][name]["token"] = value(variable);
        gateway
    }

    /// Adds an MCP server that the gateway starts.
    #[must_use]
    pub fn command<W: Into<String>>(self, name: &str, words: impl IntoIterator<Item = W>) -> Self {
        let words: Array = words.into_iter().map(Into::into).collect();
        self.entry(name, "command", value(words))
    }

    /// Adds a connector from the folder of its connector.toml.
    #[must_use]
    pub fn spec(self, name: &str, folder: &Path) -> Self {
        let folder = folder.display().to_string();
        self.entry(name, "spec", value(folder))
    }

    /// Adds a service of the catalogue.
    #[must_use]
    pub fn catalogue(self, name: &str, service: &str) -> Self {
        self.entry(name, "catalogue", value(service))
    }

    /// Sets the effect of a server's tools, by name or pattern. A tool without an effect counts as destructive.
    #[must_use]
    pub fn effect(mut self, connector: &str, tools: &str, effect: Effect) -> Self {
        self.table("connectors", connector);
        self.document["connectors"][connector]["effects"][tools] = value(effect.as_str());
        self
    }

    /// Adds an agent: the holder of the token with this name, and the strongest effect of the tools that the agent may call.
    #[must_use]
    pub fn agent<C: Into<String>>(
        mut self,
        name: &str,
        connectors: impl IntoIterator<Item = C>,
        effects: Effect,
    ) -> Self {
        let connectors: Array = connectors.into_iter().map(Into::into).collect();
        self.table("agents", name);
        self.document["agents"][name]["connectors"] = value(connectors);
        self.document["agents"][name]["effects"] = value(effects.as_str());
        self
    }

    /// Serves HTTP at this host and port, instead of stdio.
    #[must_use]
    pub fn listen(mut self, address: &str) -> Self {
        self.document["listen"] = value(address);
        self
    }

    /// Sets the folder of tokens, rights, pins and approvals.
    #[must_use]
    pub fn store(mut self, folder: &Path) -> Self {
        self.document["store"] = value(folder.display().to_string());
        self
    }

    fn entry(mut self, name: &str, key: &str, item: Item) -> Self {
        self.table("connectors", name);
        self.document["connectors"][name][key] = item;
        self
    }

    fn table(&mut self, group: &str, name: &str) {
        let tables = self.document.entry(group).or_insert_with(|| Item::Table(Table::new()));
        if let Some(tables) = tables.as_table_mut() {
            tables.entry(name).or_insert_with(|| Item::Table(Table::new()));
        }
    }

    /// Uses a file, unless the program has described the gateway.
    pub(crate) fn or_file(mut self, file: PathBuf) -> Self {
        if self.file.is_none() && self.linked.is_empty() && self.document.is_empty() {
            self.file = Some(file);
        }
        self
    }

    /// Returns the file of the gateway, if it has one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Reads the configuration, and opens the store.
    ///
    /// # Errors
    /// Returns an error if the configuration is invalid, or if the store cannot be used.
    pub(crate) fn opened(&self) -> Result<OpenGateway, Failure> {
        let config = self.config()?;
        OpenGateway::open(config, self.environment.clone()).map_err(Failure::of)
    }

    /// Returns the configuration.
    ///
    /// # Errors
    /// Returns an error if the configuration is invalid.
    fn config(&self) -> Result<GatewayConfig, Failure> {
        let mut linked = Vec::new();
        for (name, connector) in &self.linked {
            let parsed = AttachedName::parse(name)
                .map_err(|why| Failure(format!("`{name}` cannot be the name of a connector; {why}")))?;
            linked.push(ConnectorEntry::linked(parsed, connector.clone()));
        }
        match &self.file {
            Some(_) if !self.document.is_empty() => Err(Failure(
                "the gateway has a file, and further settings in the program: write them into the file"
                    .to_owned(),
            )),
            Some(file) => GatewayConfig::read_with(file, &linked).map_err(Failure::of),
            None => GatewayConfig::parse_with(Path::new(NO_FILE), &self.document.to_string(), &linked)
                .map_err(Failure::of),
        }
    }
}
