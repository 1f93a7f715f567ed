//! Finds or creates the key of a vault.

use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

use crate::cipher::{VaultKey, random};
use crate::contents::Head;
use crate::error::Error;
use crate::key_line::{Cost, KeyLine, Origin};
use crate::place::Place;
use crate::secret::Secret;
use crate::source::Source;
use crate::{KEY_FILE_VARIABLE, PASSPHRASE_VARIABLE, disk, keyring};

/// The maximum number of bytes of a key file.
const LARGEST_KEY_FILE: usize = 1024;

/// The source of the key, as the caller chooses it.
#[derive(Clone)]
pub enum Key {
    /// The key source that the vault file names, if this source needs no input from the caller. A new vault uses the system's keyring if
    /// there is one, or else a key file in the folder of the vault.
    Any,
    /// The keyring of the system.
    Keyring,
    /// A key file in the folder of the vault. Its name contains the id of the key.
    Beside,
    /// The key file at this path. If the file does not exist, a new vault creates it.
    File(PathBuf),
    /// A passphrase, from which Argon2id derives the key.
    Passphrase {
        /// The passphrase. An open vault does not keep it in memory.
        passphrase: Secret,
        /// The cost of Argon2id for a new vault. An existing vault names its own cost.
        cost: Cost,
    },
}

impl Key {
    /// Returns the key that the environment variables choose: `JACKFIELD_VAULT_PASSPHRASE`, else `JACKFIELD_VAULT_KEY_FILE`, else
    /// [`Key::Any`].
    pub fn from_environment(look_up: impl Fn(&str) -> Option<String>) -> Self {
        let look_up = |name| look_up(name).filter(|value| !value.is_empty());
        match (look_up(PASSPHRASE_VARIABLE), look_up(KEY_FILE_VARIABLE)) {
            (Some(passphrase), _) => Self::passphrase(Secret::new(passphrase)),
            (None, Some(file)) => Self::File(file.into()),
            (None, None) => Self::Any,
        }
    }

    /// Returns a passphrase with the default cost.
    pub fn passphrase(passphrase: Secret) -> Self {
        Self::Passphrase { passphrase, cost: Cost::default() }
    }

    /// Returns the source that an open vault keeps. `None` for a passphrase, which is not kept in memory.
    pub(crate) fn lasting(self) -> Option<Self> {
        match self {
            Self::Passphrase { .. } => None,
            lasting => Some(lasting),
        }
    }

    /// Finds the key of an existing vault.
    pub(crate) fn find(&self, place: &Place, head: &Head) -> Result<VaultKey, Error> {
        let (file, made) = (place.file(), head.key.source());
        let other = |given| Err(Error::OtherSource { file: place.file(), made, given });
        let key = match (self, &head.key.origin) {
            (Self::Passphrase { passphrase, .. }, Origin::Passphrase(cost, salt)) => {
                stretch(passphrase, *cost, salt)?
            }
            (Self::Any | Self::Keyring, Origin::Keyring) => {
                keyring::get(&head.vault, &head.key.id)?.ok_or(Error::NoKey { file, made, at: None })?
            }
            (Self::Any | Self::Beside, Origin::File) => {
                let at = place.key_file(&head.key.id);
                read_key_file(&at)?.ok_or(Error::NoKey { file, made, at: Some(at) })?
            }
            (Self::File(at), Origin::File) => {
                read_key_file(at)?.ok_or_else(|| Error::NoKey { file, made, at: Some(at.clone()) })?
            }
            (Self::Any, Origin::Passphrase(..)) => return Err(Error::NoKey { file, made, at: None }),
            (Self::Keyring, _) => return other(Source::Keyring),
            (Self::Beside | Self::File(_), _) => return other(Source::File),
            (Self::Passphrase { .. }, _) => return other(Source::Passphrase),
        };
        if key.id() != head.key.id {
            return Err(Error::WrongKey { file: place.file(), given: made });
        }
        Ok(key)
    }

    /// Creates or reads the key for a vault that will be written, and stores the key. The caller holds the write lock.
    pub(crate) fn make(&self, place: &Place, vault: &str) -> Result<(VaultKey, KeyLine), Error> {
        let (key, origin) = match self {
            Self::Any if keyring::is_there() => return Self::Keyring.make(place, vault),
            Self::Any | Self::Beside => {
                let key = VaultKey::random()?;
                write_key_file(&place.key_file(&key.id()), &key)?;
                (key, Origin::File)
            }
            Self::File(path) => match read_key_file(path)? {
                Some(key) => (key, Origin::File),
                None => {
                    let key = VaultKey::random()?;
                    write_key_file(path, &key)?;
                    (key, Origin::File)
                }
            },
            Self::Keyring => {
                let key = VaultKey::random()?;
                keyring::put(vault, &key)?;
                (key, Origin::Keyring)
            }
            Self::Passphrase { passphrase, cost } => {
                if passphrase.expose().is_empty() {
                    return Err(Error::Passphrase { what: "the passphrase is empty" });
                }
                let salt = random()?;
                (stretch(passphrase, *cost, &salt)?, Origin::Passphrase(*cost, salt))
            }
        };
        let id = key.id();
        Ok((key, KeyLine { id, origin }))
    }
}

fn stretch(passphrase: &Secret, cost: Cost, salt: &[u8; 16]) -> Result<VaultKey, Error> {
    let bounds = Error::Passphrase { what: "the cost of the passphrase is outside the allowed range" };
    let params =
        Params::new(cost.memory, cost.passes, cost.lanes, Some(32)).ok().filter(|_| cost.is_bounded());
    let params = params.ok_or(bounds)?;
    // The memory for the derivation is allocated here, because argon2 does not overwrite the memory that it allocates itself.
    let mut blocks = Zeroizing::new(vec![Block::new(); params.block_count()]);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let text = passphrase.expose().as_bytes();
    VaultKey::filled(|key| argon2.hash_password_into_with_memory(text, salt, key, blocks.as_mut_slice()))
        .map_err(|_| Error::Passphrase { what: "no key can be derived from the passphrase" })
}

/// Reads a key file. `None` if the file does not exist.
fn read_key_file(path: &Path) -> Result<Option<VaultKey>, Error> {
    let Some(bytes) = disk::read(path, LARGEST_KEY_FILE)? else { return Ok(None) };
    let text = str::from_utf8(&bytes).ok();
    let key = text.and_then(|text| VaultKey::from_text(text.trim_ascii_end()));
    let what = "does not contain a key";
    Ok(Some(key.ok_or_else(|| Error::KeyFile { path: path.to_owned(), what })?))
}

fn write_key_file(path: &Path, key: &VaultKey) -> Result<(), Error> {
    disk::write_new(path, key.to_text().as_bytes())
}
