//! The interface of stored records: granted tokens, and secrets that the user has entered.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::common::secret::Secret;
use crate::common::secret_text::SecretTextError;

/// A lock on a record. While it is held, no other task or process may renew the record.
pub(crate) type Guard = Box<dyn Send>;

/// A future that resolves when the lock of a record is acquired.
pub(crate) type Exclusive<'a> = Pin<Box<dyn Future<Output = Result<Guard, RecordsError>> + Send + 'a>>;

/// Stores secrets by name. Every error states what the user has to repair.
pub(crate) trait Records: Send + Sync {
    /// Reads the secret `name`.
    fn get(&self, name: &str) -> Result<Option<Secret>, RecordsError>;

    /// Stores a secret under `name`, and replaces an earlier secret.
    fn put(&self, name: &str, text: &Secret) -> Result<(), RecordsError>;

    /// Stores `text` under `name` unless a secret with this name exists, and returns the stored secret. If several
    /// processes call this concurrently, all of them get the same secret.
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "only the audit of a server needs it"))]
    fn put_if_absent(&self, name: &str, text: &Secret) -> Result<Secret, RecordsError>;

    /// Removes a secret. Returns whether it existed.
    fn remove(&self, name: &str) -> Result<bool, RecordsError>;

    /// Returns the version of all records, or `None` if no store exists yet. The version changes with every write,
    /// and reading it costs less than reading a record.
    fn version(&self) -> Result<Option<RecordsVersion>, RecordsError>;

    /// Whether the store of records exists already.
    fn is_there(&self) -> bool;

    /// Acquires the lock of the record `name`. Waits, with a time limit, while another task or process holds the lock.
    fn exclusive<'a>(&'a self, name: &'a str) -> Exclusive<'a>;
}

/// The reason why the records cannot be used, as text that follows "the user has to".
#[derive(Debug)]
pub(crate) enum RecordsError {
    Vault(jackfield_vault::Error),
    /// The file with the passphrase of the vault cannot be used.
    PassphraseFile {
        variable: String,
        path: String,
        why: SecretTextError,
    },
    /// The vault does not exist and must not be created.
    NotMade,
    /// The lock of the record could not be acquired.
    WaitEnded(tokio::task::JoinError),
    /// An error that a test injects.
    #[cfg(test)]
    Injected(&'static str),
}

impl From<jackfield_vault::Error> for RecordsError {
    fn from(error: jackfield_vault::Error) -> Self {
        Self::Vault(error)
    }
}

impl fmt::Display for RecordsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vault(error) => error.fmt(f),
            Self::PassphraseFile { variable, path, why } => write!(f, "correct {variable}: {path} {why}"),
            Self::NotMade => f.write_str("the vault cannot be created"),
            Self::WaitEnded(error) => write!(f, "the wait for the vault was interrupted: {error}"),
            #[cfg(test)]
            Self::Injected(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for RecordsError {}

/// The version of all records of a store.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum RecordsVersion {
    Vault(jackfield_vault::Version),
    #[cfg(test)]
    Memory(usize),
}

#[cfg(test)]
pub(crate) use memory::Memory;

#[cfg(test)]
mod memory {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

    use super::{Exclusive, Guard, Records, RecordsError, RecordsVersion, Secret};

    /// Records in memory, which are lost when the process ends.
    #[derive(Default)]
    pub(crate) struct Memory {
        texts: Mutex<BTreeMap<String, Secret>>,
        locks: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
        writes: AtomicUsize,
    }

    impl Memory {
        fn texts(&self) -> MutexGuard<'_, BTreeMap<String, Secret>> {
            self.texts.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Records for Memory {
        fn get(&self, name: &str) -> Result<Option<Secret>, RecordsError> {
            Ok(self.texts().get(name).cloned())
        }

        fn put(&self, name: &str, text: &Secret) -> Result<(), RecordsError> {
            self.writes.fetch_add(1, Ordering::SeqCst);
            self.texts().insert(name.to_owned(), text.clone());
            Ok(())
        }

        fn put_if_absent(&self, name: &str, text: &Secret) -> Result<Secret, RecordsError> {
            self.writes.fetch_add(1, Ordering::SeqCst);
            Ok(self.texts().entry(name.to_owned()).or_insert_with(|| text.clone()).clone())
        }

        fn remove(&self, name: &str) -> Result<bool, RecordsError> {
            self.writes.fetch_add(1, Ordering::SeqCst);
            Ok(self.texts().remove(name).is_some())
        }

        fn version(&self) -> Result<Option<RecordsVersion>, RecordsError> {
            Ok(Some(RecordsVersion::Memory(self.writes.load(Ordering::SeqCst))))
        }

        fn is_there(&self) -> bool {
            true
        }

        fn exclusive<'a>(&'a self, name: &'a str) -> Exclusive<'a> {
            let lock = {
                let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(locks.entry(name.to_owned()).or_default())
            };
            Box::pin(async move { Ok(Box::new(lock.lock_owned().await) as Guard) })
        }
    }
}
