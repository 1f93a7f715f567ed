//! The secrets of a published server: asked for, and stored in the vault for its program or URL only.

use std::io::IsTerminal as _;

use jackfield_recipe::visible_line;
use jackfield_registry::{fill, placeholders};
use jackfield_runtime::{AccountAction, Secret, ask_secrets};

use super::settings::{SecretVariable, Settings};
use crate::commands::account_log::AccountLog;
use crate::commands::block_on::block_on;
use crate::config::ConnectorEntry;
use crate::failure::{Failure, note};
use crate::gateway::OpenGateway;
use crate::remote::program_variables::program_secrets;

/// The values of secret variables.
#[derive(Default)]
pub(super) struct Secrets(Vec<(String, Secret)>);

impl Secrets {
    /// Asks for the secrets at the terminal, without showing them. Optional variables without an answer are removed from the settings. Without
    /// a terminal, nothing is asked, and only the required variables stay.
    ///
    /// # Errors
    /// Returns an error if the terminal cannot be read.
    pub(super) fn ask(settings: &mut Settings) -> Result<Self, Failure> {
        let mut values = Vec::new();
        if std::io::stdin().is_terminal() && !settings.secrets.is_empty() {
            let questions: Vec<String> = settings.secrets.iter().map(question).collect();
            let answers = ask_secrets(&questions).map_err(Failure::of)?;
            for (variable, answer) in settings.secrets.iter().zip(answers) {
                values.extend(answer.map(|answer| (variable.name.clone(), composed(variable, answer))));
            }
        }
        let has_value = |name: &str| values.iter().any(|(it, _)| it == name);
        settings.secrets.retain(|variable| variable.is_required || has_value(&variable.name));
        settings.headers.retain(|(_, variable)| settings.secrets.iter().any(|it| it.name == *variable));
        Ok(Self(values))
    }

    /// Whether each required variable has a value.
    pub(super) fn has_all(&self, settings: &Settings) -> bool {
        settings.secrets.iter().all(|variable| self.0.iter().any(|(name, _)| *name == variable.name))
    }

    /// Runs `act` while the vault has the values, for a server that only answers with them. Afterwards the vault does not have them any more.
    ///
    /// # Errors
    /// Returns the error of `act`, or an error if the vault cannot be written.
    pub(super) fn with_stored<T>(
        &self,
        gateway: &OpenGateway,
        entry: &ConnectorEntry,
        act: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.put(gateway, entry)?;
        let result = act();
        let stored = program_secrets(entry.name.as_str(), &entry.kind, None, gateway.environment());
        for (variable, _) in &self.0 {
            block_on(stored.remove(variable))?.map_err(Failure::of)?;
        }
        result
    }

    fn put(&self, gateway: &OpenGateway, entry: &ConnectorEntry) -> Result<(), Failure> {
        let stored = program_secrets(entry.name.as_str(), &entry.kind, None, gateway.environment());
        for (variable, value) in &self.0 {
            block_on(stored.put(variable, value.clone()))?
                .map_err(|error| Failure(format!("{variable} cannot be stored: {error}")))?;
        }
        Ok(())
    }

    /// Stores the values for the program or URL of a connector, and tells which values are missing. `known` names variables that the vault has
    /// already.
    ///
    /// # Errors
    /// Returns an error if the vault or the audit cannot be written.
    pub(super) fn store(
        &self,
        gateway: &OpenGateway,
        entry: &ConnectorEntry,
        known: &[String],
    ) -> Result<(), Failure> {
        let name = entry.name.as_str();
        if !self.0.is_empty() {
            let log = AccountLog::of(gateway);
            log.open()?;
            self.put(gateway, entry)?;
            log.record(AccountAction::Connected, None, name, None)?;
        }
        let missing: Vec<&str> = entry
            .kind
            .secrets()
            .iter()
            .filter(|variable| !known.contains(variable) && self.0.iter().all(|(it, _)| it != *variable))
            .map(String::as_str)
            .collect();
        if !missing.is_empty() {
            note(&format!(
                "before its first call, store {} in the vault: `{} login {name}`",
                missing.join(" and "),
                gateway.called()
            ));
        }
        Ok(())
    }
}

/// Returns the text with which a person is asked for a secret.
fn question(variable: &SecretVariable) -> String {
    let optional = if variable.is_required { "" } else { ", empty for none" };
    let description = variable.description.as_deref().map_or_else(String::new, |text| format!(" ({text})"));
    visible_line(&format!("{}{description}{optional}", variable.name)).into_owned()
}

/// Inserts a secret into its template, if the template has exactly one place for it, as in `Bearer {token}`.
fn composed(variable: &SecretVariable, value: Secret) -> Secret {
    match &variable.template {
        Some(template) if placeholders(template).count() == 1 => {
            Secret::new(fill(template, |_| Some(value.expose())))
        }
        _ => value,
    }
}
