//! The environment variables that the vault stores for a program. A variable is bound to the program's command, as a credential is bound to
//! its origins.

use std::fmt;
use std::sync::Arc;

use super::audience::Audience;
use super::bound::BoundRecord;
use super::principal_records::PrincipalRecords;
use super::records::{Records, RecordsError};
use super::vault::UserVault;
use crate::common::caller::Principal;
use crate::common::environment::Environment;
use crate::common::secret::Secret;

/// The secret variables of a program, for the service or for one principal.
pub struct ProgramSecrets {
    records: Arc<dyn Records>,
    name: String,
    command: Audience,
}

impl ProgramSecrets {
    /// Opens the variables of a program. `command` identifies the program's command. If `owner` is `None`, the variables belong to the
    /// service instead of a principal.
    pub fn new(name: &str, command: &str, owner: Option<&Principal>, environment: &Environment) -> Self {
        let all: Arc<dyn Records> = Arc::new(UserVault::new(environment.clone()));
        let records: Arc<dyn Records> = match owner {
            Some(owner) => Arc::new(PrincipalRecords::new(&all, owner)),
            None => all,
        };
        let command = Audience { text: [format!("command:{command}")].into(), tokens: None };
        Self { records, name: name.to_owned(), command }
    }

    fn record(&self, variable: &str) -> String {
        format!("{}/{variable}/variable", self.name)
    }

    fn stored(&self, variable: &str) -> Result<Option<BoundRecord>, RecordsError> {
        Ok(self.records.get(&self.record(variable))?.and_then(|record| BoundRecord::parse(&record)))
    }

    /// Returns the value of a variable, if it was stored for this command.
    ///
    /// # Errors
    /// Returns an error if the vault cannot be read.
    pub fn get(&self, variable: &str) -> Result<Option<Secret>, ProgramSecretsError> {
        let found = self.stored(variable).map_err(ProgramSecretsError)?;
        Ok(found.and_then(|record| record.into_sharing(&self.command)).map(|entry| entry.text))
    }

    /// Stores the value of a variable for this command only.
    ///
    /// # Errors
    /// Returns an error if the vault cannot be written.
    pub async fn put(&self, variable: &str, value: Secret) -> Result<(), ProgramSecretsError> {
        let name = self.record(variable);
        let change = async {
            let _alone = self.records.exclusive(&name).await?;
            let mut record = BoundRecord::default();
            record.put(self.command.clone(), value);
            self.records.put(&name, &record.to_record())
        };
        change.await.map_err(ProgramSecretsError)
    }

    /// Removes a variable. Returns whether it existed.
    ///
    /// # Errors
    /// Returns an error if the vault cannot be written.
    pub async fn remove(&self, variable: &str) -> Result<bool, ProgramSecretsError> {
        let name = self.record(variable);
        let change = async {
            let _alone = self.records.exclusive(&name).await?;
            self.records.remove(&name)
        };
        change.await.map_err(ProgramSecretsError)
    }
}

impl fmt::Debug for ProgramSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProgramSecrets({})", self.name)
    }
}

/// The vault cannot be used. The message says what the user has to do, and does not contain secrets.
#[derive(Debug)]
pub struct ProgramSecretsError(RecordsError);

impl ProgramSecretsError {
    #[cfg(feature = "serve")]
    pub(super) const fn of(error: RecordsError) -> Self {
        Self(error)
    }
}

impl fmt::Display for ProgramSecretsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ProgramSecretsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stored_program_variable_is_given_only_to_its_owner_and_command() {
        let folder = tempfile::tempdir().unwrap();
        let vault = folder.path().join("vault").display().to_string();
        let environment = Environment::of([
            ("JACKFIELD_VAULT", vault.as_str()),
            ("JACKFIELD_VAULT_PASSPHRASE", "passphrase of the test"),
        ]);
        let ada = Principal::Token("ada".to_owned());
        let of = |command: &str, owner: Option<&Principal>| {
            ProgramSecrets::new("gateway-git", command, owner, &environment)
        };
        let value = |secrets: ProgramSecrets| secrets.get("TOKEN").unwrap().map(|it| it.expose().to_owned());
        of("1", Some(&ada)).put("TOKEN", Secret::new("canary".to_owned())).await.unwrap();
        assert_eq!(value(of("1", Some(&ada))).as_deref(), Some("canary"));
        assert_eq!(value(of("2", Some(&ada))), None);
        assert_eq!(value(of("1", None)), None);
        assert_eq!(value(of("1", Some(&Principal::Token("bob".to_owned())))), None);
        assert!(of("1", Some(&ada)).remove("TOKEN").await.unwrap());
        assert_eq!(value(of("1", Some(&ada))), None);
    }
}
