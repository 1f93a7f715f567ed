//! The agents in the store: a document in the format of `[agents]`, and the rights that are derived from the document.

use std::path::{Path, PathBuf};

use jackfield_runtime::{Pins, StoreError, apply_rights};

use crate::config::{Agents, GatewayConfig, InvalidConfig};
use crate::failure::Failure;

/// The key of the document in the store. The dot distinguishes it from keys that are names of connectors.
const DOCUMENT: &str = "agents.toml";

/// The name of the document in messages.
const SHOWN: &str = "the agents in the store";

/// The agents of a gateway whose gateway.toml has no `[agents]`.
pub(crate) struct AgentStore {
    store: Pins,
    state: PathBuf,
}

impl AgentStore {
    /// Opens the store in a folder.
    ///
    /// # Errors
    /// Returns an error if the store cannot be used.
    pub(crate) fn open(state: &Path) -> Result<Self, StoreError> {
        Ok(Self { store: Pins::open(state)?, state: state.to_owned() })
    }

    /// Returns the document, which is empty without agents.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read.
    pub(crate) fn text(&self) -> Result<String, StoreError> {
        Ok(self.store.read(DOCUMENT)?.unwrap_or_default())
    }

    /// Parses the document.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read, or if the document contradicts gateway.toml.
    pub(crate) fn agents(&self, config: &GatewayConfig) -> Result<Agents, Failure> {
        parse(config, &self.text().map_err(Failure::of)?).map_err(Failure::of)
    }

    /// Changes the document, and applies its rights. Returns whether anything has changed.
    ///
    /// # Errors
    /// Returns an error, and changes nothing, if the change fails or the new document is invalid.
    pub(crate) fn change(
        &self,
        config: &GatewayConfig,
        change: impl FnOnce(&str) -> Result<String, Failure>,
    ) -> Result<bool, Failure> {
        let (mut failed, mut changed) = (None, false);
        self.store
            .update(DOCUMENT, |stored| {
                let stored = stored.unwrap_or_default();
                let text = change(stored).and_then(|text| {
                    parse(config, &text).map_err(Failure::of)?;
                    Ok(text)
                });
                changed = text.as_ref().is_ok_and(|text| text != stored);
                Ok(text.unwrap_or_else(|failure| {
                    failed = Some(failure);
                    stored.to_owned()
                }))
            })
            .map_err(Failure::of)?;
        match failed {
            Some(failure) => Err(failure),
            None => Ok(self.apply(config)? | changed),
        }
    }

    /// Applies the rights of the document. Returns whether the rights have changed.
    ///
    /// # Errors
    /// Returns an error if the store cannot be used, or if the document contradicts gateway.toml.
    pub(crate) fn apply(&self, config: &GatewayConfig) -> Result<bool, Failure> {
        let mut changed = false;
        loop {
            let text = self.text().map_err(Failure::of)?;
            let agents = parse(config, &text).map_err(Failure::of)?;
            changed |= apply_rights(&self.state, agents.rights.text()).map_err(Failure::of)?;
            // Another command may have changed the document in the meantime, and applied its rights first.
            if self.text().map_err(Failure::of)? == text {
                return Ok(changed);
            }
        }
    }
}

fn parse(config: &GatewayConfig, text: &str) -> Result<Agents, InvalidConfig> {
    config.parse_agents(Path::new(SHOWN), text, true)
}
