//! Edits gateway.toml in a command.

use std::path::Path;

use jackfield_runtime::{AttachedName, Environment};
use toml_edit::Table;

use crate::builder::Gateway;
use crate::config::GatewayConfig;
use crate::config::edit::EditedFile;
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;

/// gateway.toml and its configuration, while a command edits the file.
pub(super) struct EditedConfig<'g> {
    file: &'g Path,
    edited: EditedFile,
    config: Option<GatewayConfig>,
}

impl<'g> EditedConfig<'g> {
    /// Reads the file of a gateway, which might not exist yet.
    ///
    /// # Errors
    /// Returns an error if the file is invalid, or if the gateway has no file.
    pub(super) fn open(gateway: &'g Gateway) -> Result<Self, Failure> {
        let Some(file) = gateway.file() else {
            return Err(Failure(
                "the connectors of this program are in its code: change them there".to_owned(),
            ));
        };
        let edited = EditedFile::open(file).map_err(Failure)?;
        let config = match edited.exists() {
            true => {
                let mut text = edited.text.text();
                // A file without connectors gets its first connector.
                if !edited.text.has("connectors") {
                    text.push_str("\n[connectors]\n");
                }
                Some(GatewayConfig::parse(file, &text).map_err(Failure::of)?)
            }
            false => None,
        };
        Ok(Self { file, edited, config })
    }

    /// Returns the path of the file.
    pub(super) const fn file(&self) -> &'g Path {
        self.file
    }

    /// Returns the configuration before the change.
    pub(super) const fn config(&self) -> Option<&GatewayConfig> {
        self.config.as_ref()
    }

    /// Returns the gateway before the change. Without a file, it has no connectors.
    ///
    /// # Errors
    /// Returns an error if the store cannot be used.
    pub(super) fn before(&self) -> Result<OpenGateway, Failure> {
        let config = match &self.config {
            Some(config) => config.clone(),
            None => GatewayConfig::parse(self.file, "[connectors]\n").map_err(Failure::of)?,
        };
        self.preview(config)
    }

    /// Returns the table of a connector, to change it.
    pub(super) fn table(&mut self, name: &str) -> Option<&mut Table> {
        self.edited.text.table("connectors", name)
    }

    /// Returns the configuration that the changed text describes.
    ///
    /// # Errors
    /// Returns an error if the changed text is invalid.
    pub(super) fn parsed(&self) -> Result<GatewayConfig, Failure> {
        let parsed = GatewayConfig::parse(self.file, &self.edited.text.text());
        parsed.map_err(|invalid| Failure(invalid.without_places()))
    }

    /// Adds a connector. If it cannot be added, returns the reason and changes nothing.
    pub(super) fn add(&mut self, name: &str, table: Table) -> Result<GatewayConfig, Failure> {
        self.check_name(name)?;
        if self.edited.text.table("connectors", name).is_some() {
            return Err(Failure(format!(
                "another imported server already has the connector name `{name}`: choose a name with `add NAME`"
            )));
        }
        self.edited.text.add("connectors", name, table).map_err(|error| self.refused(error))?;
        let parsed = GatewayConfig::parse(self.file, &self.edited.text.text());
        parsed.map_err(|invalid| {
            self.edited.text.remove("connectors", name);
            // The line numbers would refer to a text that is never written.
            Failure(format!("`{name}` cannot be added: {}", invalid.without_places()))
        })
    }

    fn refused(&self, error: impl std::fmt::Display) -> Failure {
        Failure(format!("{}: {error}", self.file.display()))
    }

    /// Checks that a connector can have this name.
    ///
    /// # Errors
    /// Returns an error if the name is invalid, or if there is such a connector already.
    pub(super) fn check_name(&self, name: &str) -> Result<(), Failure> {
        AttachedName::parse(name)
            .map_err(|why| Failure(format!("`{name}` cannot be the name of a connector; {why}")))?;
        match self.config.as_ref().and_then(|config| config.connector(name)) {
            None => Ok(()),
            Some(_) => Err(Failure(format!(
                "{} has a connector `{name}` already: choose another name, or remove it with `{} remove {name}`",
                self.file.display(),
                self.called()
            ))),
        }
    }

    /// Removes a connector. Returns whether the connector existed.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        self.edited.text.remove("connectors", name)
    }

    /// Writes the file, and returns the gateway that it describes.
    ///
    /// # Errors
    /// Returns an error, and changes nothing, if the new text is invalid or cannot be written.
    pub(super) fn save(&self) -> Result<OpenGateway, Failure> {
        let text = self.edited.text.text();
        GatewayConfig::parse(self.file, &text).map_err(Failure::of)?;
        self.edited.save().map_err(Failure::of)?;
        if !self.edited.exists() {
            note(&format!("created {}", self.file.display()));
        }
        let config = GatewayConfig::read(self.file).map_err(Failure::of)?;
        OpenGateway::open(config, Environment::of_process()).map_err(Failure::of)
    }

    /// Returns the gateway that the changed text describes, before the text is written.
    pub(super) fn preview(&self, config: GatewayConfig) -> Result<OpenGateway, Failure> {
        OpenGateway::open(config, Environment::of_process()).map_err(Failure::of)
    }

    /// Returns the command that starts this gateway.
    pub(super) fn called(&self) -> String {
        crate::gateway::called(self.file)
    }
}
