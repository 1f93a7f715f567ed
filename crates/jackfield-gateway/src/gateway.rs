//! A gateway whose store is open.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_recipe::shell_quoted;
use jackfield_runtime::v1::Connector;
use jackfield_runtime::{Environment, Pins, Program, StoreError, state_folder_of};

use crate::agent_store::AgentStore;
use crate::config::{Agents, ConnectorEntry, GatewayConfig, NAME};
use crate::confinement::protected::protected;
use crate::connect::Connect;
use crate::failure::Failure;
use crate::gateway_files::GatewayFiles;
use crate::gateway_parts::GatewayParts;
use crate::gateway_rights;
use crate::package::store::PackageStore;
use crate::remote::attach::{FirstContact, attach_new};
use crate::remote::pin_book::PinBook;
use crate::remote::pinned::PinnedServer;

/// An empty connector that stands for the endpoint itself.
pub(crate) static ENDPOINT: Connector = Connector::new(NAME);

/// The variable that names the folder of the state.
const STATE: &str = "JACKFIELD_STATE";

/// A gateway whose store is open.
pub(crate) struct OpenGateway(GatewayParts);

impl OpenGateway {
    /// Opens the store of a gateway.
    ///
    /// # Errors
    /// Returns an error if the store cannot be used.
    pub(crate) fn open(mut config: GatewayConfig, own: Environment) -> Result<Self, StoreError> {
        let environment = match &config.store {
            Some(store) => own.clone().with(STATE, store.display().to_string()),
            None => own.clone(),
        };
        let protected = protected(&config, &own, &environment);
        config.protect(&protected);
        let state = state_folder_of(NAME, &environment)?;
        config.find_packages_in(PackageStore::of(&state).folder());
        let pins = Arc::new(PinBook::open(&state)?);
        let connect = Arc::new(Connect::new(&config, environment.clone(), pins.store().clone()));
        Ok(Self(GatewayParts { config: Arc::new(config), environment, state, pins, protected, connect }))
    }

    /// Adds folders and files that the programs of connectors may not use.
    pub(crate) fn protect(&mut self, paths: &[PathBuf]) {
        Arc::make_mut(&mut self.0.config).protect(paths);
        self.0.protected.extend_from_slice(paths);
    }

    pub(crate) fn config(&self) -> &GatewayConfig {
        &self.0.config
    }

    pub(crate) const fn environment(&self) -> &Environment {
        &self.0.environment
    }

    /// Returns the store of logins.
    pub(crate) fn store(&self) -> &Pins {
        self.0.pins.store()
    }

    pub(crate) const fn pins(&self) -> &Arc<PinBook> {
        &self.0.pins
    }

    /// Returns the folders and files that the programs of connectors may not use.
    pub(crate) fn protected(&self) -> &[PathBuf] {
        &self.0.protected
    }

    pub(crate) fn state(&self) -> &Path {
        &self.0.state
    }

    /// Returns the recorded lists of a server. `None` if the server is not attached, or if its command or URL has changed since.
    pub(crate) fn pinned(&self, entry: &ConnectorEntry) -> Result<Option<Arc<PinnedServer>>, StoreError> {
        let server = self.0.pins.load(entry.name.as_str())?;
        Ok(server.filter(|server| server.source == entry.kind.digest()))
    }

    /// Returns the recorded lists of a server, followed by the lists of each agent to which the server gives different lists. Empty if the
    /// server is not attached.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read.
    pub(crate) fn all_pinned(&self, entry: &ConnectorEntry) -> Result<Vec<Arc<PinnedServer>>, StoreError> {
        let Some(server) = self.pinned(entry)? else { return Ok(Vec::new()) };
        let own = self.0.pins.all_own(entry.name.as_str());
        let own = own.into_iter().filter(|own| own.source == server.source);
        Ok(std::iter::once(Arc::clone(&server)).chain(own).collect())
    }

    /// Makes this gateway.toml the owner of the state, so that another file cannot replace its agents or accept its tools.
    ///
    /// # Errors
    /// Returns an error if another file owns the state.
    pub(crate) fn claim_state(&self) -> Result<(), Failure> {
        let own = self.0.config.place().map_err(Failure::of)?;
        let Some(owner) = self.0.pins.claim(&own).map_err(Failure::of)? else { return Ok(()) };
        Err(Failure(format!(
            "{owner} uses the state in {}, and its agents and accepted tools would be replaced: add `store = \"FOLDER\"` to {} for a state of its own",
            self.0.state.display(),
            own.display()
        )))
    }

    /// Returns the command that starts this gateway.
    pub(crate) fn called(&self) -> String {
        called(&self.0.config.file)
    }

    /// Connects to each server that is not attached yet, and records the lists that the server returns.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read.
    pub(crate) async fn attach_new(&self) -> Result<Vec<FirstContact>, StoreError> {
        let mut new = Vec::new();
        for entry in self.0.config.connectors.iter().filter(|entry| entry.kind.is_remote()) {
            if self.pinned(entry)?.is_none() {
                new.push(entry.clone());
            }
        }
        Ok(attach_new(new, &self.0.environment, &self.0.pins).await)
    }

    /// Opens the store of agents.
    ///
    /// # Errors
    /// Returns an error if the store cannot be used.
    pub(crate) fn agent_store(&self) -> Result<AgentStore, Failure> {
        AgentStore::open(&self.0.state).map_err(Failure::of)
    }

    /// Returns the agents in gateway.toml if it has `[agents]`, or else the agents in the store.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read, or if its agents contradict gateway.toml.
    pub(crate) fn agents(&self) -> Result<Agents, Failure> {
        match &self.0.config.agents {
            Some(agents) => Ok(agents.clone()),
            None => self.agent_store()?.agents(&self.0.config),
        }
    }

    /// Applies the rights of the agents. Returns whether the rights have changed.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written.
    pub(crate) fn apply_agents(&self) -> Result<bool, Failure> {
        gateway_rights::apply_agents(&self.0.config, &self.0.state)
    }

    /// Returns the program without its connectors, for commands about tokens, approvals and the audit.
    pub(crate) fn control(&self) -> Program {
        let program = Program::new(&ENDPOINT).called(self.called());
        match self.0.environment.get(STATE) {
            Some(state) => program.variable(STATE, state),
            None => program,
        }
    }

    /// Returns the program with its connectors.
    ///
    /// # Errors
    /// Returns an error if a connector.toml cannot be served, or if the store cannot be read.
    pub(crate) fn program(&self) -> Result<Program, Failure> {
        let (_, attached) = GatewayFiles::open(self.0.clone())?;
        Ok(self.control().attach_all(attached))
    }

    /// Returns the program with its connectors, which reloads changed files.
    ///
    /// # Errors
    /// Returns an error if a connector.toml cannot be served, or if the store cannot be read.
    pub(crate) fn server(&self) -> Result<Program, Failure> {
        let (files, attached) = GatewayFiles::open(self.0.clone())?;
        let pages = Arc::clone(&self.0.connect);
        Ok(self.control().attach_all(attached).attachments_from(files).with_pages(pages))
    }
}

/// Returns the command that starts the gateway of a file.
pub(crate) fn called(file: &Path) -> String {
    match file == Path::new("gateway.toml") {
        true => "jackfield-gateway".to_owned(),
        false => format!("jackfield-gateway --config {}", shell_quoted(&file.display().to_string())),
    }
}
