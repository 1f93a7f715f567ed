//! An open vault: get, put, remove, and locks.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::cipher::{VaultKey, random};
use crate::contents::{Contents, Head, SEAL_LINE, Unopened, is_name};
use crate::error::Error;
use crate::key::Key;
use crate::limits::LARGEST_FILE;
use crate::lock::{self, Guard};
use crate::place::Place;
use crate::secret::Secret;
use crate::source::Source;
use crate::{disk, hex};

/// The maximum time that a write waits for other writers. A write takes milliseconds.
const LONGEST_WRITE: Duration = Duration::from_secs(30);

/// An open vault. Threads can share it. Other processes may write to the same vault, so each call reads the file again.
pub struct Vault {
    /// The folder, with symbolic links resolved so that it always leads to the same folder.
    pub(crate) place: Place,
    /// The source of the new key, if another process rotates the key. `None` for a passphrase, which is not kept in memory.
    pub(crate) source: Option<Key>,
    pub(crate) held: Mutex<Arc<Held>>,
}

/// A key with the id that the file contains.
pub(crate) struct Held {
    pub(crate) id: String,
    pub(crate) key: VaultKey,
}

/// Identifies a state of the vault. Two versions are equal only if nothing was written in between.
#[derive(Clone, PartialEq, Eq)]
pub struct Version([u8; SEAL_LINE]);

impl Version {
    /// Returns the current version of the vault in a folder. `None` if there is no vault. A key is not needed: only the `seal` line is
    /// read, and every write gives this line a new nonce.
    pub fn of(place: &Place) -> Result<Option<Self>, Error> {
        Ok(disk::read_end(&place.file())?.map(Self))
    }
}

impl Vault {
    /// Opens the vault in a folder.
    pub fn open(place: &Place, key: Key) -> Result<Self, Error> {
        let place = place.checked()?;
        let (_, held) = load(&place, |head| {
            let found = key.find(&place, head)?;
            Ok(Arc::new(Held { id: head.key.id.clone(), key: found }))
        })?;
        Ok(Self { place, source: key.lasting(), held: Mutex::new(held) })
    }

    /// Creates a vault with its folder and key. Fails if a vault already exists.
    pub fn create(place: &Place, key: Key) -> Result<Self, Error> {
        disk::make_folder(place.folder())?;
        let place = place.checked()?;
        let _lock = lock::acquire(&place.write_lock(), LONGEST_WRITE)?;
        if disk::is_taken(&place.file())? {
            return Err(Error::Exists { file: place.file() });
        }
        let vault = hex::encode(&random::<16>()?);
        let (made, line) = key.make(&place, &vault)?;
        let held = Arc::new(Held { id: line.id.clone(), key: made });
        let text = Contents::new(Head { vault, key: line }).render(&held.key)?;
        disk::replace(&place.file(), text.as_bytes())?;
        Ok(Self { place, source: key.lasting(), held: Mutex::new(held) })
    }

    /// Opens the vault in a folder, or creates it.
    pub fn open_or_create(place: &Place, key: Key) -> Result<Self, Error> {
        match Self::open(place, key.clone()) {
            Err(Error::Missing { .. }) => match Self::create(place, key.clone()) {
                // Another process has created the vault in the meantime.
                Err(Error::Exists { .. }) => Self::open(place, key),
                made => made,
            },
            opened => opened,
        }
    }

    /// Returns the source of the key.
    pub fn source(&self) -> Result<Source, Error> {
        Ok(self.load()?.0.head.key.source())
    }

    /// Returns the secret with the given name, if there is one.
    pub fn get(&self, name: &str) -> Result<Option<Secret>, Error> {
        check_name(name)?;
        let (contents, held) = self.load()?;
        contents.get(&held.key, name).map_err(|problem| problem.of(self.place.file()))
    }

    /// Stores a secret under a name. An existing secret is replaced.
    pub fn put(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        check_name(name)?;
        let _lock = self.lock_to_write()?;
        let (mut contents, held) = self.load()?;
        contents.put(&held.key, name, secret)?;
        disk::replace(&self.place.file(), contents.render(&held.key)?.as_bytes())
    }

    /// Stores a secret under a name unless the name already has a secret, and returns the stored secret. If several processes call this
    /// concurrently, all of them get the secret that was stored first.
    pub fn put_if_absent(&self, name: &str, secret: &Secret) -> Result<Secret, Error> {
        check_name(name)?;
        let _lock = self.lock_to_write()?;
        let (mut contents, held) = self.load()?;
        let stored = contents.get(&held.key, name).map_err(|problem| problem.of(self.place.file()))?;
        if let Some(stored) = stored {
            return Ok(stored);
        }
        contents.put(&held.key, name, secret)?;
        disk::replace(&self.place.file(), contents.render(&held.key)?.as_bytes())?;
        Ok(secret.clone())
    }

    /// Removes the secret with the given name, and returns whether it existed.
    pub fn remove(&self, name: &str) -> Result<bool, Error> {
        check_name(name)?;
        let _lock = self.lock_to_write()?;
        let (mut contents, held) = self.load()?;
        let was_there = contents.remove(name);
        if was_there {
            disk::replace(&self.place.file(), contents.render(&held.key)?.as_bytes())?;
        }
        Ok(was_there)
    }

    /// Returns the names of all records, sorted.
    pub fn names(&self) -> Result<Vec<String>, Error> {
        Ok(self.load()?.0.names().map(str::to_owned).collect())
    }

    /// Acquires the lock with the given name, which only one holder in all processes can have. Waits for at most `longest`. The lock
    /// does not restrict access to the record with the same name. The lock is not reentrant: if its holder acquires it again, the
    /// call waits until `longest` has passed.
    pub fn exclusive(&self, name: &str, longest: Duration) -> Result<Guard, Error> {
        check_name(name)?;
        disk::make_folder(&self.place.locks())?;
        // The name of the lock file is a digest, because the name of a lock can be longer than a file name, and can contain characters
        // that a file name cannot contain.
        let file = hex::encode(&Sha256::digest(name));
        lock::acquire(&self.place.locks().join(file), longest)
    }

    /// Acquires the write lock, and removes files of interrupted writes.
    pub(crate) fn lock_to_write(&self) -> Result<Guard, Error> {
        let lock = lock::acquire(&self.place.write_lock(), LONGEST_WRITE)?;
        disk::sweep(self.place.folder())?;
        Ok(lock)
    }

    /// Reads the file, and finds the key that opens it.
    pub(crate) fn load(&self) -> Result<(Contents, Arc<Held>), Error> {
        load(&self.place, |head| {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            if held.id != head.key.id {
                let source = self.source.as_ref().ok_or(Error::Rotated { file: self.place.file() })?;
                *held = Arc::new(Held { id: head.key.id.clone(), key: source.find(&self.place, head)? });
            }
            Ok(Arc::clone(&held))
        })
    }
}

/// Reads the file, and opens it with the key that `key_for` returns for the header.
fn load(
    place: &Place,
    key_for: impl Fn(&Head) -> Result<Arc<Held>, Error>,
) -> Result<(Contents, Arc<Held>), Error> {
    let mut bytes = read(place)?;
    loop {
        let unopened = Unopened::parse(&bytes).map_err(|problem| problem.of(place.file()))?;
        let no_key = match key_for(&unopened.head) {
            Ok(held) => {
                let contents = unopened.open(&held.key).map_err(|problem| problem.of(place.file()))?;
                return Ok((contents, held));
            }
            Err(no_key) => no_key,
        };
        // Another process may have rotated the key after this process read the file and before it found the key. If so, the file
        // names another key now.
        let id = unopened.head.key.id;
        let again = read(place)?;
        if Unopened::parse(&again).map_err(|problem| problem.of(place.file()))?.head.key.id == id {
            return Err(no_key);
        }
        bytes = again;
    }
}

fn read(place: &Place) -> Result<Zeroizing<Vec<u8>>, Error> {
    disk::read(&place.file(), LARGEST_FILE)?.ok_or_else(|| Error::Missing { file: place.file() })
}

fn check_name(name: &str) -> Result<(), Error> {
    if is_name(name) { Ok(()) } else { Err(Error::Name { name: name.to_owned() }) }
}
