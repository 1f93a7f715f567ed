//! Replaces the key of a vault.
//!
//! The order of the steps makes an interruption safe: the new key is stored first, then the file is replaced atomically, then the
//! old key is removed. At every moment, the key that the file names exists.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use crate::contents::{Contents, Head};
use crate::error::Error;
use crate::key::Key;
use crate::source::Source;
use crate::vault::{Held, Vault};
use crate::{disk, keyring};

/// The steps that the user has to take after a rotation.
#[derive(Debug)]
pub struct Rotation {
    /// Key files that this vault no longer needs: a key file that the user chose, or key files of interrupted rotations. They can
    /// still open old copies of the vault.
    pub unneeded: Vec<PathBuf>,
    /// The reason why the old key could not be removed.
    pub left: Option<Error>,
}

impl Vault {
    /// Encrypts all records with a new key from the source `to`. Other processes can read and write in the meantime.
    ///
    /// After an error the old key is still in use, unless syncing the folder failed. In that case either key may be in use, so both
    /// keys are kept.
    pub fn rotate(&mut self, to: Key) -> Result<Rotation, Error> {
        let _lock = self.lock_to_write()?;
        let (old, old_key) = self.load()?;
        let (key, line) = to.make(&self.place, &old.head.vault)?;
        if line.id == old_key.id {
            return Err(Error::SameKey { file: self.place.file() });
        }
        let held = Arc::new(Held { id: line.id.clone(), key });
        let mut contents = Contents::new(Head { vault: old.head.vault.clone(), key: line });
        for name in old.names() {
            let secret = old.get(&old_key.key, name).map_err(|problem| problem.of(self.place.file()))?;
            contents.put(&held.key, name, &secret.expect("every name has a record"))?;
        }
        disk::replace(&self.place.file(), contents.render(&held.key)?.as_bytes())?;
        let opened_with = std::mem::replace(&mut self.source, to.lasting());
        let needed = self.place.key_file(&held.id);
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
        Ok(self.forget(&old.head, opened_with, &needed))
    }

    /// Removes the old key, if the vault created it.
    fn forget(&self, old: &Head, opened_with: Option<Key>, needed: &Path) -> Rotation {
        let beside = self.place.key_file(&old.key.id);
        let forgotten = match old.key.source() {
            Source::Keyring => keyring::remove(&old.vault, &old.key.id),
            Source::File if beside.exists() => disk::remove(&beside),
            Source::File | Source::Passphrase => Ok(()),
        };
        let (mut unneeded, unlisted) = match disk::entries(self.place.folder(), "key-") {
            Ok(found) => (found, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        unneeded.retain(|path| path != needed);
        match opened_with {
            Some(Key::File(path)) if path.exists() => unneeded.push(path),
            _ => {}
        }
        Rotation { unneeded, left: forgotten.err().or(unlisted) }
    }
}
