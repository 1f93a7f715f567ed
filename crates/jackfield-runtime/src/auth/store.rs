//! Looks credential fields up in these sources, in this order: a variable, the file that a variable names, a
//! command in connector.toml, the vault, and a value in connector.toml.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jackfield_recipe::{file_variable, shell_quoted};

use super::audience::{Audience, common};
use super::bound::{BoundRecord, BoundText};
use super::principal_records::PrincipalRecords;
use super::reach::Destination;
use super::records::Records;
use super::slot::{CredentialField, CredentialSlot};
use super::store_error::{CommandError, StoreError};
use super::variable_names::{VariableName, VariableNames};
use crate::call::rows::{Connector, Scheme};
use crate::common::caller::Principal;
use crate::common::environment::Environment;
use crate::common::secret::Secret;
use crate::common::secret_text::{MAX_SECRET_BYTES, read_bytes, read_file};

/// The time limit of a credential command. It is long, because some commands wait until the user confirms with a
/// fingerprint.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// The source in which a credential was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Provenance {
    Variable(String),
    File {
        variable: String,
        path: PathBuf,
    },
    Command(Vec<String>),
    Records,
    /// A value in connector.toml that all users share, such as the client id of a public client.
    Connector,
}

/// A credential that was found, and its source.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) secret: Secret,
    pub(crate) from: Provenance,
}

/// The sources in which credentials are looked up.
pub(crate) struct Store {
    pub(super) environment: Environment,
    pub(super) records: Arc<dyn Records>,
    /// The command that starts the connector, for messages that tell the user what to type.
    pub(super) called: Arc<str>,
    /// The command that stores a credential, for messages that tell the user what to type.
    set_command: Arc<str>,
    /// Whether the credentials belong to a principal other than the local user. If so, only records are used,
    /// because variables and commands belong to the connector.
    is_of_principal: bool,
    /// The command with which the principal logs in, if there is one.
    login_command: Option<Arc<str>>,
    /// The store of the OAuth client with which principals log in, if all principals share one client.
    of_client: Option<Arc<Store>>,
    /// The command that gives the connector a name. Set if the connector is named after its file, because the variables of such a connector
    /// are ignored.
    unnamed: OnceLock<Arc<str>>,
    /// The cached output of commands. Commands may be slow or prompt the user each time, so the output is reused.
    printed: Mutex<HashMap<String, Secret>>,
    names: VariableNames,
}

impl Store {
    pub(crate) fn new(environment: Environment, records: Arc<dyn Records>, called: &str) -> Self {
        Self {
            environment,
            records,
            called: called.into(),
            set_command: format!("{called} auth set").into(),
            is_of_principal: false,
            login_command: None,
            of_client: None,
            unnamed: OnceLock::new(),
            printed: Mutex::default(),
            names: VariableNames::default(),
        }
    }

    /// Creates the store of a principal's credentials, in the same records.
    pub(crate) fn of_principal(&self, connector: &Connector<'_>, principal: &Principal) -> Self {
        let mut hidden = BTreeSet::new();
        for scheme in connector.schemes {
            for name in CredentialSlot::of(connector, scheme).flat_map(|slot| slot.variables()) {
                hidden.extend([file_variable(&name), name]);
            }
        }
        let records = Arc::new(PrincipalRecords::new(&self.records, principal));
        let key = principal.to_string();
        let set_command = format!("{} credentials set {}", self.called, shell_quoted(&key));
        Self {
            set_command: set_command.into(),
            is_of_principal: true,
            ..Self::new(self.environment.clone().without(hidden), records, &self.called)
        }
    }

    /// Creates the store of a principal's account. The principal logs in with `login_command`. The login uses the OAuth client of this
    /// store.
    pub(crate) fn of_account(
        self: &Arc<Self>,
        connector: &Connector<'_>,
        principal: &Principal,
        login_command: &str,
    ) -> Self {
        Self {
            login_command: Some(login_command.into()),
            of_client: Some(Arc::clone(self)),
            ..self.of_principal(connector, principal)
        }
    }

    /// Returns the command with which a principal logs in, if there is one.
    pub(crate) fn login_command(&self) -> Option<Arc<str>> {
        self.login_command.clone()
    }

    /// Returns the store of the OAuth client with which principals log in.
    pub(crate) fn of_client(&self) -> &Self {
        self.of_client.as_deref().unwrap_or(self)
    }

    /// Whether the credentials belong to a principal other than the local user.
    pub(crate) const fn is_of_principal(&self) -> bool {
        self.is_of_principal
    }

    /// Returns the beginning of the command that stores a credential. The name of a scheme follows it.
    pub(crate) fn set_command(&self) -> Arc<str> {
        Arc::clone(&self.set_command)
    }

    /// Returns the command in connector.toml that prints a credential field.
    pub(super) fn command<'a>(&self, slot: &CredentialSlot<'a>) -> Option<&'a [&'a str]> {
        slot.command().filter(|_| !self.is_of_principal)
    }

    /// Disables the variables of a connector that is named after its file, because two files may have the same name. Messages tell the user
    /// to run `command`, which gives the connector a name of its own.
    pub(crate) fn read_no_variables(&self, command: &str) {
        // If this is called twice, the first command is kept, because both are valid.
        let _ = self.unnamed.set(command.into());
    }

    /// Returns the command that enables variables. Returns `None` if they are enabled.
    fn has_to_be_named(&self) -> Option<&Arc<str>> {
        self.unnamed.get()
    }

    /// Returns a note for messages that name a variable. If variables are disabled, the note says which command reads the variable.
    pub(crate) fn note_on_variables(&self) -> String {
        self.has_to_be_named().map(|command| format!(", read by `{command}`")).unwrap_or_default()
    }

    fn check_named(&self, variable: &str) -> Result<(), StoreError> {
        match self.has_to_be_named() {
            None => Ok(()),
            Some(command) => {
                Err(StoreError::NotNamed { command: Arc::clone(command), variable: variable.to_owned() })
            }
        }
    }

    /// Returns the command that starts the connector, for remedies that the user pastes into a shell.
    pub(crate) fn called(&self) -> Arc<str> {
        Arc::clone(&self.called)
    }

    pub(crate) const fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Returns the stored records.
    pub(crate) fn records(&self) -> &dyn Records {
        &*self.records
    }

    /// Returns the value of a credential field from the first source that has it.
    ///
    /// # Errors
    /// Returns an error if a configured source cannot be read. Later sources are not tried.
    pub(crate) async fn find(&self, slot: &CredentialSlot<'_>) -> Result<Option<Held>, StoreError> {
        for VariableName { value: variable, file: named } in &*self.names.of(slot) {
            if let Some(value) = self.environment.get(variable) {
                self.check_named(variable)?;
                let from = Provenance::Variable(variable.clone());
                return Ok(Some(Held { secret: Secret::new(value), from }));
            }
            if let Some(path) = self.environment.get(named).map(PathBuf::from) {
                self.check_named(named)?;
                let variable = named.clone();
                return match read_file(&path) {
                    Ok(secret) => Ok(Some(Held { secret, from: Provenance::File { variable, path } })),
                    Err(why) => Err(StoreError::File { variable, path, why }),
                };
            }
        }
        if let Some(words) = self.command(slot) {
            let record = slot.record();
            let known = self.lock().get(&record).cloned();
            let secret = match known {
                Some(secret) => secret,
                None => {
                    let printed = print(words).await;
                    let secret =
                        printed.map_err(|why| StoreError::Command { record: record.clone(), why })?;
                    self.lock().insert(record, secret.clone());
                    secret
                }
            };
            return Ok(Some(Held {
                secret,
                from: Provenance::Command(words.iter().map(|&word| word.to_owned()).collect()),
            }));
        }
        if let Some(BoundText { text: secret, .. }) = self.kept(slot)? {
            return Ok(Some(Held { secret, from: Provenance::Records }));
        }
        let given = slot.given().map(|text| Secret::new(text.to_owned()));
        Ok(given.map(|secret| Held { secret, from: Provenance::Connector }))
    }

    /// Returns a name for the source that would provide a credential field. The name depends only on connector.toml and on which variables
    /// are set. The sources are not read, and commands are not run.
    pub(crate) fn outlined(&self, slot: &CredentialSlot<'_>) -> Option<String> {
        let names = slot.variables().flat_map(|name| [name.clone(), file_variable(&name)]);
        let set = names.into_iter().find(|name| self.environment.get(name).is_some());
        // The arguments of the command are not shown, because an argument may be a secret.
        set.or_else(|| self.command(slot).map(|words| format!("output of {}", words.first().unwrap_or(&""))))
    }

    /// Returns the variable that takes precedence over the records, if it is set.
    pub(crate) fn shadowed(&self, slot: &CredentialSlot<'_>) -> Option<String> {
        let names = slot.variables().flat_map(|name| [file_variable(&name), name]);
        names.into_iter().find(|name| self.environment.get(name).is_some())
    }

    /// Whether a variable takes precedence over the records.
    pub(super) fn is_shadowed(&self, slot: &CredentialSlot<'_>) -> bool {
        let is_set = |name: &str| self.environment.get(name).is_some();
        let names = self.names.of(slot);
        names.iter().any(|name| is_set(&name.value)) || names.iter().any(|name| is_set(&name.file))
    }

    /// Returns the fields of a scheme's OAuth client that come from the records, because neither a variable nor a command sets them.
    fn kept_client<'a>(
        &self,
        connector: &'a Connector<'a>,
        scheme: &'a Scheme<'a>,
    ) -> impl Iterator<Item = CredentialSlot<'a>> {
        let slots = [CredentialField::ClientId, CredentialField::ClientSecret].map(|field| CredentialSlot {
            connector,
            scheme,
            field,
        });
        slots.into_iter().filter(|slot| self.shadowed(slot).is_none() && self.command(slot).is_none())
    }

    /// Returns the origins that may receive tokens of the scheme's client. Returns `None` if the records do not
    /// contain the client.
    ///
    /// # Errors
    /// Returns an error if the records cannot be read.
    pub(crate) fn token_origins(
        &self,
        connector: &Connector<'_>,
        scheme: &Scheme<'_>,
    ) -> Result<Option<BTreeSet<String>>, StoreError> {
        let mut origins: Option<BTreeSet<String>> = None;
        for slot in self.kept_client(connector, scheme) {
            let Some(entry) = self.kept(&slot)? else { continue };
            let own: BTreeSet<String> = entry.audience.token_origins().cloned().collect();
            origins = Some(match origins {
                Some(others) => common(&others, &own),
                None => own,
            });
        }
        Ok(origins)
    }

    /// Returns the fields of the OAuth client that have to be stored again before the scheme's tokens may be sent to `destination`. Also
    /// returns the audience for which these fields are stored now. If `is_needed` is set, fields that are stored for other APIs are
    /// included.
    ///
    /// # Errors
    /// Returns an error if the records cannot be read.
    pub(crate) fn client_to_set(
        &self,
        connector: &Connector<'_>,
        scheme: &Scheme<'_>,
        destination: &Destination,
        is_needed: bool,
    ) -> Result<(Vec<CredentialField>, Audience), StoreError> {
        let (mut fields, mut known) = (Vec::new(), Audience::default());
        for slot in self.kept_client(connector, scheme) {
            let audience = match self.kept(&slot)? {
                Some(entry) if destination.fits(entry.audience.token_origins()) => continue,
                Some(entry) => entry.audience,
                None if !is_needed => continue,
                None => match self.records.get(&slot.record())? {
                    Some(record) => BoundRecord::parse(&record).unwrap_or_default().audience(),
                    None => continue,
                },
            };
            fields.push(slot.field);
            known.join(audience);
        }
        Ok((fields, known))
    }

    /// Removes the cached output of a field's command, so that the command is run again. Returns whether output
    /// was cached.
    pub(crate) fn forget(&self, slot: &CredentialSlot<'_>) -> bool {
        self.lock().remove(&slot.record()).is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Secret>> {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a program and returns its output without the final line break. The stderr of the program is shown to the
/// user.
async fn print(words: &[&str]) -> Result<Secret, CommandError> {
    use tokio::io::AsyncReadExt as _;
    let Some((&program, arguments)) = words.split_first() else { return Err(CommandError::NoProgram) };
    let running = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut running =
        running.map_err(|error| CommandError::NotStarted { program: program.to_owned(), error })?;
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    let finish = async {
        if let Some(out) = running.stdout.take() {
            out.take(MAX_SECRET_BYTES + 1).read_to_end(&mut bytes).await?;
        }
        running.wait().await
    };
    let status = tokio::time::timeout(TIME_LIMIT, finish)
        .await
        .map_err(|_| CommandError::Late { program: program.to_owned(), seconds: TIME_LIMIT.as_secs() })?
        .map_err(|error| CommandError::NotRun { program: program.to_owned(), error })?;
    if !status.success() {
        return Err(CommandError::Failed { program: program.to_owned(), status });
    }
    read_bytes(&bytes).map_err(|why| CommandError::Output { program: program.to_owned(), why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::{Command, Connector, Scheme};

    static ECHO: Connector = Connector::new("shop").schemes(&[
        Scheme::bearer("a").commands(&[Command::new("token", &["printf", "from a command\\n"])]),
        Scheme::bearer("b").commands(&[Command::new("token", &["false"])]),
    ]);

    async fn look_up(
        scheme: usize,
        variables: &[(&str, &str)],
    ) -> Result<Option<(String, Provenance)>, String> {
        let records = Arc::new(super::super::records::Memory::default());
        let store = Store::new(Environment::of(variables.iter().copied()), records, "shop-mcp");
        let slot = CredentialSlot::of(&ECHO, &ECHO.schemes[scheme]).next().unwrap();
        let held = store.find(&slot).await.map_err(|error| error.to_string())?;
        Ok(held.map(|held| (held.secret.expose().to_owned(), held.from)))
    }

    #[tokio::test]
    async fn credential_lookup_fails_if_the_first_configured_source_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "from a file\r\n").unwrap();
        let file = path.to_str().unwrap();

        let found = look_up(0, &[("SHOP_TOKEN_A", "set"), ("SHOP_TOKEN_A_FILE", file)]).await;
        assert_eq!(found, Ok(Some(("set".to_owned(), Provenance::Variable("SHOP_TOKEN_A".to_owned())))));
        let found = look_up(0, &[("SHOP_TOKEN_A_FILE", file)]).await.unwrap().unwrap();
        assert_eq!(found.0, "from a file");
        let found = look_up(0, &[]).await.unwrap().unwrap();
        assert_eq!(found.0, "from a command");

        let error = look_up(0, &[("SHOP_TOKEN_A_FILE", "/nowhere/token")]).await.unwrap_err();
        assert!(error.contains("SHOP_TOKEN_A_FILE") && error.contains("/nowhere/token"), "{error}");
        let error = look_up(1, &[]).await.unwrap_err();
        assert!(error.contains("shop/b/token") && error.contains("`false` failed"), "{error}");
    }
}
