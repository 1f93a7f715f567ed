//! A gateway: its connectors as sources of one program.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_recipe::shell_quoted;
use jackfield_runtime::rows::ConnectorRows;
use jackfield_runtime::v1::Connector;
use jackfield_runtime::{Environment, Pins, Program, StoreError, apply_rights, state_folder_of};

use crate::config::{ConnectorEntry, ConnectorKind, GatewayConfig, NAME};
use crate::confinement::protected::protected;
use crate::failure::Failure;
use crate::remote::RemoteSource;
use crate::remote::attach::{FirstContact, attach_new};
use crate::remote::pin_book::PinBook;
use crate::remote::pinned::PinnedServer;

/// The endpoint itself, which has no tool of its own.
static ENDPOINT: Connector = Connector::new(NAME);

/// The variable that names the folder of the state.
const STATE: &str = "JACKFIELD_STATE";

/// A gateway, as gateway.toml describes it.
pub struct Gateway {
    config: GatewayConfig,
    environment: Environment,
    /// The folder of the state.
    state: PathBuf,
    pins: Arc<PinBook>,
}

impl Gateway {
    /// Opens the store of a gateway.
    ///
    /// # Errors
    /// Returns an error if the store cannot be used.
    pub fn open(mut config: GatewayConfig, own: Environment) -> Result<Self, StoreError> {
        let environment = match &config.store {
            Some(store) => own.clone().with(STATE, store.display().to_string()),
            None => own.clone(),
        };
        let protected = protected(&config, &own, &environment);
        config.protect(&protected);
        let state = state_folder_of(NAME, &environment)?;
        let pins = Arc::new(PinBook::open(&state)?);
        Ok(Self { config, environment, state, pins })
    }

    pub(crate) const fn config(&self) -> &GatewayConfig {
        &self.config
    }

    pub(crate) const fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The store of logins.
    pub(crate) fn store(&self) -> &Pins {
        self.pins.store()
    }

    pub(crate) const fn pins(&self) -> &Arc<PinBook> {
        &self.pins
    }

    /// The stored lists of a server. `None` if they are those of another command or address.
    pub(crate) fn pinned(&self, entry: &ConnectorEntry) -> Result<Option<Arc<PinnedServer>>, StoreError> {
        let server = self.pins.load(entry.name.as_str())?;
        Ok(server.filter(|server| server.source == entry.kind.digest()))
    }

    /// Makes this gateway.toml the owner of the state, so that another file cannot replace its agents or accept its tools.
    ///
    /// # Errors
    /// Returns an error if another file owns the state.
    pub(crate) fn claim_state(&self) -> Result<(), Failure> {
        let own = self.config.place().map_err(Failure::of)?;
        let Some(owner) = self.pins.claim(&own).map_err(Failure::of)? else { return Ok(()) };
        Err(Failure(format!(
            "the state in {} is that of {owner}, whose agents and accepted tools would be replaced; add `store = \"FOLDER\"` to {} for a state of its own",
            self.state.display(),
            own.display()
        )))
    }

    /// The command that starts this gateway.
    pub(crate) fn called(&self) -> String {
        match self.config.file == Path::new("gateway.toml") {
            true => "jackfield-gateway".to_owned(),
            false => {
                format!(
                    "jackfield-gateway --config {}",
                    shell_quoted(&self.config.file.display().to_string())
                )
            }
        }
    }

    /// Connects to the servers that are not attached yet, and records their lists.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read.
    pub(crate) async fn attach_new(&self) -> Result<Vec<FirstContact>, StoreError> {
        let mut new = Vec::new();
        for entry in self.remote() {
            if self.pinned(entry)?.is_none() {
                new.push(entry.clone());
            }
        }
        Ok(attach_new(new, &self.environment, &self.pins).await)
    }

    /// The connectors that are other servers.
    pub(crate) fn remote(&self) -> impl Iterator<Item = &ConnectorEntry> {
        self.config.connectors.iter().filter(|entry| !matches!(entry.kind, ConnectorKind::Served(_)))
    }

    /// Puts the rights of the agents in force. Returns whether they have changed.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written.
    pub(crate) fn apply_agents(&self) -> Result<bool, StoreError> {
        apply_rights(&self.state, self.config.rights.text())
    }

    /// The program that serves the connectors, and decides about their calls.
    ///
    /// # Errors
    /// Returns an error if a connector.toml cannot be served, or if the store cannot be read.
    pub(crate) fn program(&self) -> Result<Program, Failure> {
        let mut program = Program::new(&ENDPOINT).called(self.called());
        if let Some(state) = self.environment.get(STATE) {
            program = program.variable(STATE, state);
        }
        for entry in &self.config.connectors {
            let name = entry.name.clone();
            program = match &entry.kind {
                ConnectorKind::Served(path) => {
                    let started = format!("jackfield serve {}", shell_quoted(&path.display().to_string()));
                    program.attach_started_by(name, served(path)?, started)
                }
                _ => {
                    self.pins.load(name.as_str()).map_err(Failure::of)?;
                    let pins = Arc::clone(&self.pins);
                    let source = RemoteSource::new(entry.clone(), self.environment.clone(), pins);
                    program.attach_source(name, Arc::new(source))
                }
            };
        }
        Ok(program)
    }
}

/// The connector in a folder.
pub(crate) fn served(path: &Path) -> Result<ConnectorRows, Failure> {
    jackfield_cli::served_connector(path).map_err(|failure| match failure {
        jackfield_cli::Failure::Build(error) => Failure(error.to_string()),
        jackfield_cli::Failure::Other(text) => Failure(text),
    })
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gateway({} connectors)", self.config.connectors.len())
    }
}
