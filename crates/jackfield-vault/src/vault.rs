//! A vault: get, put, remove, and the locks around them.

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

/// How long a write waits for the writes of others; each takes milliseconds.
const LONGEST_WRITE: Duration = Duration::from_secs(30);

/// An open vault. Threads may share it, and other processes may write to it at any time: each call reads the file anew.
pub struct Vault {
    /// Every link followed, so that it stays the same place.
    pub(crate) place: Place,
    /// Where the key comes from if somebody rotates it; none for a passphrase, which is forgotten.
    pub(crate) source: Option<Key>,
    pub(crate) held: Mutex<Arc<Held>>,
}

/// A key, with the id that the file calls it by.
pub(crate) struct Held {
    pub(crate) id: String,
    pub(crate) key: VaultKey,
}

/// Which of the states that a vault has been in: two are equal only where nothing was written in between.
#[derive(Clone, PartialEq, Eq)]
pub struct Version([u8; SEAL_LINE]);

impl Version {
    /// The present version of the vault of this place, if there is one. It takes no key and reads one line: the seal,
    /// which has another nonce after every write.
    pub fn of(place: &Place) -> Result<Option<Self>, Error> {
        Ok(disk::read_end(&place.file())?.map(Self))
    }
}

impl Vault {
    /// Opens the vault of this place.
    pub fn open(place: &Place, key: Key) -> Result<Self, Error> {
        let place = place.checked()?;
        let (_, held) = load(&place, |head| {
            let found = key.find(&place, head)?;
            Ok(Arc::new(Held { id: head.key.id.clone(), key: found }))
        })?;
        Ok(Self { place, source: key.lasting(), held: Mutex::new(held) })
    }

    /// Makes a vault where there is none, and its folder and key with it.
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

    /// Opens the vault of this place, or makes it if there is none.
    pub fn open_or_create(place: &Place, key: Key) -> Result<Self, Error> {
        match Self::open(place, key.clone()) {
            Err(Error::Missing { .. }) => match Self::create(place, key.clone()) {
                // Another process was quicker.
                Err(Error::Exists { .. }) => Self::open(place, key),
                made => made,
            },
            opened => opened,
        }
    }

    /// Where the key comes from.
    pub fn source(&self) -> Result<Source, Error> {
        Ok(self.load()?.0.head.key.source())
    }

    /// The secret of this name, if there is one.
    pub fn get(&self, name: &str) -> Result<Option<Secret>, Error> {
        check_name(name)?;
        let (contents, held) = self.load()?;
        contents.get(&held.key, name).map_err(|problem| problem.of(self.place.file()))
    }

    /// Keeps the secret under this name, instead of one that is there.
    pub fn put(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        check_name(name)?;
        let _lock = self.lock_to_write()?;
        let (mut contents, held) = self.load()?;
        contents.put(&held.key, name, secret)?;
        disk::replace(&self.place.file(), contents.render(&held.key)?.as_bytes())
    }

    /// Removes the secret of this name, and says whether there was one.
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

    /// The names of all records, sorted.
    pub fn names(&self) -> Result<Vec<String>, Error> {
        Ok(self.load()?.0.names().map(str::to_owned).collect())
    }

    /// Waits, no longer than that, until nobody else in any process holds the lock of this name, and holds it. It locks
    /// nothing but itself: records of that name can be read and written by whoever likes. A holder that asks for it again
    /// waits in vain.
    pub fn exclusive(&self, name: &str, longest: Duration) -> Result<Guard, Error> {
        check_name(name)?;
        disk::make_folder(&self.place.locks())?;
        // Names may be longer than those of files, and hold what no file's may.
        let file = hex::encode(&Sha256::digest(name));
        lock::acquire(&self.place.locks().join(file), longest)
    }

    /// The lock of writers, with what the last one may have left swept out.
    pub(crate) fn lock_to_write(&self) -> Result<Guard, Error> {
        let lock = lock::acquire(&self.place.write_lock(), LONGEST_WRITE)?;
        disk::sweep(self.place.folder())?;
        Ok(lock)
    }

    /// What is in the file now, and the key that opens it.
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

/// Reads the file, and opens it with the key that `key_for` has for its head.
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
        // A rotation may have come between the file and its key. Then the file names another key now.
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
