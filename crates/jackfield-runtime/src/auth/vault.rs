//! The records of this user: the vault, which connectors share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jackfield_vault::{Error, Key, Place, Rotation, Vault};

use super::records::{Exclusive, Guard, Records, RecordsError, Version};
use crate::common::environment::Environment;
use crate::common::secret::Secret;
use crate::common::secret_text::read_file;

/// How long one waits for another who renews the same record: longer than a token endpoint may take.
const LONGEST_WAIT: Duration = Duration::from_secs(90);

/// The vault of this user. It is opened when something is first asked of it, and made when something is first kept.
pub(crate) struct UserVault {
    environment: Environment,
    opened: Mutex<Option<Arc<Vault>>>,
}

impl UserVault {
    pub(crate) fn new(environment: Environment) -> Self {
        Self { environment, opened: Mutex::default() }
    }

    /// Where it is, or would be.
    pub(crate) fn place(&self) -> Result<Place, Error> {
        Place::from_environment(|name| self.environment.get(name))
    }

    /// The key that the environment names.
    fn key(&self) -> Result<Key, RecordsError> {
        let passphrase = jackfield_vault::PASSPHRASE_VARIABLE;
        let named = format!("{passphrase}_FILE");
        match self.environment.get(&named).filter(|_| self.environment.get(passphrase).is_none()) {
            Some(path) => {
                let secret = read_file(path.as_ref());
                let failed = |why| RecordsError::PassphraseFile { variable: named, path, why };
                Ok(Key::passphrase(secret.map_err(failed)?))
            }
            None => Ok(Key::from_environment(|name| self.environment.get(name))),
        }
    }

    /// The vault, made where it may be.
    fn open(&self, make: bool) -> Result<Option<Arc<Vault>>, RecordsError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vault) = &*opened {
            return Ok(Some(Arc::clone(vault)));
        }
        let place = match self.place() {
            Ok(place) => place,
            // A machine without a place for a vault has none, and needs none until something is to be kept.
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

    /// Seals it with another key. None where there is no vault.
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

    fn remove(&self, name: &str) -> Result<bool, RecordsError> {
        let Some(vault) = self.open(false)? else { return Ok(false) };
        Ok(vault.remove(name)?)
    }

    fn version(&self) -> Result<Option<Version>, RecordsError> {
        // A machine without a place for a vault has none.
        let Ok(place) = self.place() else { return Ok(None) };
        let version = jackfield_vault::Version::of(&place)?;
        Ok(version.map(Version::Vault))
    }

    fn is_there(&self) -> bool {
        self.place().is_ok_and(|place| place.file().exists())
    }

    fn exclusive<'a>(&'a self, name: &'a str) -> Exclusive<'a> {
        Box::pin(async move {
            // Without a vault there is nothing that others could renew.
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
