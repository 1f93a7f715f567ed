//! Where the key of a vault comes from.

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

/// What a key file may be large.
const LARGEST_KEY_FILE: usize = 1024;

/// Where a caller wants the key from.
#[derive(Clone)]
pub enum Key {
    /// Where the vault says, if that needs nothing of the caller. A new vault takes the keyring of the system where there
    /// is one, and a key file beside the records else.
    Any,
    /// The keyring of the system.
    Keyring,
    /// A key file in the folder of the vault, named by the key's id.
    Beside,
    /// This key file. A new vault makes it if it is missing.
    File(PathBuf),
    /// This passphrase, stretched by Argon2id.
    Passphrase {
        /// The passphrase. The vault forgets it when it is open.
        passphrase: Secret,
        /// What stretching it costs where the vault is new; else the vault says.
        cost: Cost,
    },
}

impl Key {
    /// What the variables choose: `JACKFIELD_VAULT_PASSPHRASE`, else `JACKFIELD_VAULT_KEY_FILE`, else [`Key::Any`].
    pub fn from_environment(look_up: impl Fn(&str) -> Option<String>) -> Self {
        let look_up = |name| look_up(name).filter(|value| !value.is_empty());
        match (look_up(PASSPHRASE_VARIABLE), look_up(KEY_FILE_VARIABLE)) {
            (Some(passphrase), _) => Self::passphrase(Secret::new(passphrase)),
            (None, Some(file)) => Self::File(file.into()),
            (None, None) => Self::Any,
        }
    }

    /// This passphrase, at the usual cost.
    pub fn passphrase(passphrase: Secret) -> Self {
        Self::Passphrase { passphrase, cost: Cost::default() }
    }

    /// What is kept of it in an open vault. A passphrase is not.
    pub(crate) fn lasting(self) -> Option<Self> {
        match self {
            Self::Passphrase { .. } => None,
            lasting => Some(lasting),
        }
    }

    /// The key that the vault was written with.
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

    /// A key for what is to be written, kept where it will be found. Whoever calls holds the write lock.
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
    let bounds = Error::Passphrase { what: "the cost of the passphrase is out of bounds" };
    let params =
        Params::new(cost.memory, cost.passes, cost.lanes, Some(32)).ok().filter(|_| cost.is_bounded());
    let params = params.ok_or(bounds)?;
    // Memory of our own, since argon2 does not overwrite what it allocates.
    let mut blocks = Zeroizing::new(vec![Block::new(); params.block_count()]);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let text = passphrase.expose().as_bytes();
    VaultKey::filled(|key| argon2.hash_password_into_with_memory(text, salt, key, blocks.as_mut_slice()))
        .map_err(|_| Error::Passphrase { what: "the passphrase cannot be stretched" })
}

/// The key of a file; none if there is no such file.
fn read_key_file(path: &Path) -> Result<Option<VaultKey>, Error> {
    let Some(bytes) = disk::read(path, LARGEST_KEY_FILE)? else { return Ok(None) };
    let text = str::from_utf8(&bytes).ok();
    let key = text.and_then(|text| VaultKey::from_text(text.trim_ascii_end()));
    let what = "does not hold a key";
    Ok(Some(key.ok_or_else(|| Error::KeyFile { path: path.to_owned(), what })?))
}

fn write_key_file(path: &Path, key: &VaultKey) -> Result<(), Error> {
    disk::write_new(path, key.to_text().as_bytes())
}
