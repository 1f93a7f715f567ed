//! The keyring of each operating system: Secret Service, the macOS keychain, or the Windows credential store.
//!
//! Each call creates its own store, so that the process-wide default of keyring-core is not changed.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry};
use zeroize::Zeroizing;

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(windows)]
use windows_native_keyring_store::Store;
#[cfg(all(unix, not(target_os = "macos")))]
use zbus_secret_service_keyring_store::Store;

use crate::cipher::VaultKey;
use crate::error::Error;

/// The service name of the entries, which keyring programs display.
const SERVICE: &str = "jackfield-vault";

/// Whether a keyring is available.
pub(crate) fn is_there() -> bool {
    Store::new().is_ok()
}

/// Returns the key with the given id, if the keyring contains it.
pub(crate) fn get(vault: &str, id: &str) -> Result<Option<VaultKey>, Error> {
    let text = match entry(vault, id)?.get_secret() {
        Ok(text) => Zeroizing::new(text),
        Err(keyring_core::Error::NoEntry) => return Ok(None),
        Err(error) => return Err(refused(error)),
    };
    let key = str::from_utf8(&text).ok().and_then(VaultKey::from_text);
    let what = "the entry for this vault does not contain a key".to_owned();
    Ok(Some(key.ok_or(Error::Keyring { what })?))
}

/// Stores the key under its id, and reads it back to verify that it was stored.
pub(crate) fn put(vault: &str, key: &VaultKey) -> Result<(), Error> {
    let id = key.id();
    entry(vault, &id)?.set_secret(key.to_text().as_bytes()).map_err(refused)?;
    match get(vault, &id)? {
        Some(kept) if kept.id() == id => Ok(()),
        _ => Err(Error::Keyring { what: "the stored entry cannot be read back".to_owned() }),
    }
}

/// Removes the key with the given id.
pub(crate) fn remove(vault: &str, id: &str) -> Result<(), Error> {
    entry(vault, id)?.delete_credential().map_err(refused)
}

fn entry(vault: &str, id: &str) -> Result<Entry, Error> {
    let store: Arc<CredentialStore> = Store::new().map_err(refused)?;
    store.build(SERVICE, &format!("{vault}/{id}"), None).map_err(refused)
}

/// Converts an error of the keyring. Only its `Display` is used, because `Debug` may contain the secret.
fn refused(error: keyring_core::Error) -> Error {
    Error::Keyring { what: error.to_string() }
}
