//! The user's records in the vault, which all connectors share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jackfield_recipe::file_variable;
use jackfield_vault::{Error, Key, Place, Rotation, Vault};

use super::records::{Exclusive, Guard, Records, RecordsError, RecordsVersion};
use crate::common::environment::Environment;
use crate::common::secret::Secret;
use crate::common::secret_text::read_file;

/// The maximum time to wait while another process renews the record. It exceeds the time limit of a token request.
const LONGEST_WAIT: Duration = Duration::from_secs(90);

/// Returns the folder of the user's vault and the paths of its key files, so that a sandbox can deny access to
/// them.
#[cfg(feature = "serve")]
pub fn vault_paths_of(environment: &Environment) -> Vec<std::path::PathBuf> {
    let place = Place::from_environment(|name| environment.get(name));
    let passphrase = file_variable(jackfield_vault::PASSPHRASE_VARIABLE);
    let files = [jackfield_vault::KEY_FILE_VARIABLE, &passphrase].map(|name| environment.get(name));
    let files = files.into_iter().flatten().filter(|file| !file.is_empty());
    place.iter().map(|place| place.folder().to_owned()).chain(files.map(Into::into)).collect()
}

/// The user's vault. It is opened at the first access, and created at the first write.
pub(crate) struct UserVault {
    environment: Environment,
    opened: Mutex<Option<Arc<Vault>>>,
}

impl UserVault {
    pub(crate) fn new(environment: Environment) -> Self {
        Self { environment, opened: Mutex::default() }
    }

    /// Returns the path of the vault, even if the vault does not exist yet.
    pub(crate) fn place(&self) -> Result<Place, Error> {
        Place::from_environment(|name| self.environment.get(name))
    }

    /// Returns the key source that the environment configures.
    fn key(&self) -> Result<Key, RecordsError> {
        let passphrase = jackfield_vault::PASSPHRASE_VARIABLE;
        let named = file_variable(passphrase);
        match self.environment.get(&named).filter(|_| self.environment.get(passphrase).is_none()) {
            Some(path) => {
                let secret = read_file(path.as_ref());
                let failed = |why| RecordsError::PassphraseFile { variable: named, path, why };
                Ok(Key::passphrase(secret.map_err(failed)?))
            }
            None => Ok(Key::from_environment(|name| self.environment.get(name))),
        }
    }

    /// Opens the vault. If it does not exist, creates it if `make` is set, or else returns `None`.
    fn open(&self, make: bool) -> Result<Option<Arc<Vault>>, RecordsError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vault) = &*opened {
            return Ok(Some(Arc::clone(vault)));
        }
        let place = match self.place() {
            Ok(place) => place,
            // A machine without a folder for the vault is an error only when a record is stored.
            Err(_) if !make => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let open = if make { Vault::open_or_create } else { Vault::open };
        match open(&place, self.key()?) {
            Ok(vault) => Ok(Some(Arc::clone(opened.insert(Arc::new(vault))))),
            Err(Error::Missing { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the names of all records.
    pub(crate) fn names(&self) -> Result<Vec<String>, RecordsError> {
        Ok(self.open(false)?.map_or_else(|| Ok(Vec::new()), |vault| vault.names())?)
    }

    /// Encrypts the vault with the key `to`. Returns `None` if there is no vault.
    pub(crate) fn rotate(&self, to: Key) -> Result<Option<Rotation>, RecordsError> {
        let place = self.place()?;
        let mut vault = match Vault::open(&place, self.key()?) {
            Ok(vault) => vault,
            Err(Error::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let rotation = vault.rotate(to)?;
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(vault));
        Ok(Some(rotation))
    }
}

impl Records for UserVault {
    fn get(&self, name: &str) -> Result<Option<Secret>, RecordsError> {
        let Some(vault) = self.open(false)? else { return Ok(None) };
        let found = vault.get(name)?;
        Ok(found.map(|secret| Secret::new(secret.expose().to_owned())))
    }

    fn put(&self, name: &str, text: &Secret) -> Result<(), RecordsError> {
        let Some(vault) = self.open(true)? else { return Err(RecordsError::NotMade) };
        let secret = text.clone();
        Ok(vault.put(name, &secret)?)
    }

    fn put_if_absent(&self, name: &str, text: &Secret) -> Result<Secret, RecordsError> {
        let Some(vault) = self.open(true)? else { return Err(RecordsError::NotMade) };
        Ok(Secret::new(vault.put_if_absent(name, text)?.expose().to_owned()))
    }

    fn remove(&self, name: &str) -> Result<bool, RecordsError> {
        let Some(vault) = self.open(false)? else { return Ok(false) };
        Ok(vault.remove(name)?)
    }

    fn version(&self) -> Result<Option<RecordsVersion>, RecordsError> {
        // If the machine has no folder for a vault, there is no vault.
        let Ok(place) = self.place() else { return Ok(None) };
        let version = jackfield_vault::Version::of(&place)?;
        Ok(version.map(RecordsVersion::Vault))
    }

    fn is_there(&self) -> bool {
        self.place().is_ok_and(|place| place.file().exists())
    }

    fn exclusive<'a>(&'a self, name: &'a str) -> Exclusive<'a> {
        Box::pin(async move {
            // Without a vault, no other process can renew the record.
            let Some(vault) = self.open(false)? else { return Ok(Box::new(()) as Guard) };
            let name = name.to_owned();
            let waiting = tokio::task::spawn_blocking(move || vault.exclusive(&name, LONGEST_WAIT));
            match waiting.await {
                Ok(Ok(guard)) => Ok(Box::new(guard) as Guard),
                Ok(Err(error)) => Err(error.into()),
                Err(error) => Err(RecordsError::WaitEnded(error)),
            }
        })
    }
}
