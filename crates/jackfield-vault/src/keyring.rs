//! The keyring of the system, where this was built with it.

use crate::cipher::VaultKey;
use crate::error::Error;

/// Whether there is a keyring that answers.
pub(crate) fn is_there() -> bool {
    false
}

/// The key of this id, if the keyring has it.
pub(crate) fn get(_vault: &str, _id: &str) -> Result<Option<VaultKey>, Error> {
    Err(unknown())
}

/// Keeps the key under its id.
pub(crate) fn put(_vault: &str, _key: &VaultKey) -> Result<(), Error> {
    Err(unknown())
}

/// Forgets the key of this id.
pub(crate) fn remove(_vault: &str, _id: &str) -> Result<(), Error> {
    Err(unknown())
}

fn unknown() -> Error {
    Error::Keyring { what: "this program was built without the feature `keyring`".to_owned() }
}
