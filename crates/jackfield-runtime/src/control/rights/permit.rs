//! The rights of a running server, which follow changes by other processes.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::watch;

use super::compiled::CompiledRights;
use super::document::RightsDocument;
use super::stored;
use crate::common::caller::{Caller, Principal};
use crate::control::store::error::StoreError;
use crate::control::store::sqlite::{CommitNumber, SqliteStore};
use crate::control::tokens::StoredTokens;
use crate::engine::known_tool::KnownTool;
use crate::engine::policy::permit::{Permission, Permit};
use crate::engine::request::{Arguments, Target};

/// The interval at which the version of the stored rights is read.
const INTERVAL: Duration = Duration::from_millis(500);

/// Decides by the rights in the state of a connector. If no rights are stored, every call is allowed.
pub(crate) struct StoredPermit {
    folder: PathBuf,
    tools: Arc<[KnownTool]>,
    /// The state. `None` until the state exists.
    store: Mutex<Option<SqliteStore>>,
    current: RwLock<Current>,
    /// The version of the stored rights. A change announces that the lists of tools have changed.
    changes: watch::Sender<u64>,
    /// The names of the tokens that exist, and of the tokens that were removed since the server started.
    tokens: Mutex<TokenNames>,
    /// Counts the changes that may have ended a permission.
    revocations: watch::Sender<u64>,
}

#[derive(Default)]
struct TokenNames {
    commit: Option<CommitNumber>,
    known: HashSet<String>,
    removed: HashSet<String>,
}

#[derive(Default)]
struct Current {
    version: i64,
    rights: Option<Arc<CompiledRights>>,
}

impl StoredPermit {
    /// Reads the rights from a state folder, which might not exist yet.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read.
    pub(crate) fn open(folder: &Path, tools: Vec<KnownTool>) -> Result<Self, StoreError> {
        let permit = Self {
            folder: folder.to_owned(),
            tools: tools.into(),
            store: Mutex::default(),
            current: RwLock::default(),
            changes: watch::Sender::new(0),
            tokens: Mutex::default(),
            revocations: watch::Sender::new(0),
        };
        permit.refresh()?;
        Ok(permit)
    }

    /// Reads the rights if they have changed.
    ///
    /// # Errors
    /// Returns an error if the state cannot be read. The rights that are in force do not change.
    pub(crate) fn refresh(&self) -> Result<(), StoreError> {
        let Some(store) = self.store()? else { return Ok(()) };
        if self.refresh_tokens(&store)? {
            self.revocations.send_modify(|number| *number += 1);
        }
        let known = self.current.read().unwrap_or_else(PoisonError::into_inner).version;
        if stored::version(&store)? == known {
            return Ok(());
        }
        let Some(latest) = stored::latest(&store)? else { return Ok(()) };
        let rights = latest.document.map(|text| {
            Arc::new(match RightsDocument::parse(&text) {
                Ok(document) => CompiledRights::new(document, &self.tools),
                // A newer version of this program may have stored rights that this version cannot apply.
                Err(error) => {
                    tracing::error!(%error, version = latest.version, "the stored rights cannot be read: every call is refused");
                    CompiledRights::nothing(&self.tools)
                }
            })
        });
        tracing::info!(version = latest.version, configured = rights.is_some(), "rights have changed");
        *self.current.write().unwrap_or_else(PoisonError::into_inner) =
            Current { version: latest.version, rights };
        self.changes.send_replace(latest.version.unsigned_abs());
        self.revocations.send_modify(|number| *number += 1);
        Ok(())
    }

    /// Reads the names of the tokens if the state has changed. Returns whether a token was removed.
    fn refresh_tokens(&self, store: &SqliteStore) -> Result<bool, StoreError> {
        let commit = store.latest_commit();
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if commit.is_some() && tokens.commit == commit {
            return Ok(false);
        }
        let names = StoredTokens::new(store.clone()).names()?;
        let removed: Vec<String> = tokens.known.difference(&names).cloned().collect();
        let any = !removed.is_empty();
        tokens.removed.extend(removed);
        tokens.removed.retain(|name| !names.contains(name));
        (tokens.known, tokens.commit) = (names, commit);
        Ok(any)
    }

    /// Follows changes by other processes until the permit is dropped.
    ///
    /// # Errors
    /// Returns an error if the thread cannot be started.
    pub(crate) fn follow(self: &Arc<Self>) -> std::io::Result<()> {
        let permit = Arc::downgrade(self);
        let follow = move || {
            let mut failed = false;
            loop {
                std::thread::sleep(INTERVAL);
                let Some(permit) = permit.upgrade() else { return };
                let refreshed = permit.refresh();
                if let (Err(error), false) = (&refreshed, failed) {
                    tracing::error!(%error, "the rights cannot be read again: the rights that were read last stay in force");
                }
                failed = refreshed.is_err();
            }
        };
        std::thread::Builder::new().name("rights".to_owned()).spawn(follow).map(|_| ())
    }

    /// Returns the version of the stored rights, and whether any rights are in force.
    pub(crate) fn in_force(&self) -> (i64, bool) {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        (current.version, current.rights.is_some())
    }

    fn store(&self) -> Result<Option<SqliteStore>, StoreError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if store.is_none() {
            *store = SqliteStore::open_existing(&self.folder)?;
        }
        Ok(store.clone())
    }

    fn rights(&self) -> Option<Arc<CompiledRights>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).rights.clone()
    }
}

impl Permit for StoredPermit {
    fn decide(&self, caller: &Caller, target: Target<'_>, arguments: Option<&Arguments>) -> Permission {
        self.rights().map_or(Permission::Allowed, |rights| rights.decide(caller, target, arguments))
    }

    fn version(&self, caller: &Caller) -> u64 {
        self.rights().map_or(0, |rights| rights.version(caller))
    }

    fn changes(&self) -> Option<watch::Receiver<u64>> {
        Some(self.changes.subscribe())
    }

    fn revocations(&self) -> Option<watch::Receiver<u64>> {
        Some(self.revocations.subscribe())
    }

    fn still_permits(&self, caller: &Caller, target: Target<'_>) -> bool {
        let is_revoked = match caller.principal() {
            Principal::Token(name) => {
                self.tokens.lock().unwrap_or_else(PoisonError::into_inner).removed.contains(name)
            }
            _ => false,
        };
        !is_revoked && self.decide(caller, target, None).is_listed()
    }

    fn may_approve(&self, caller: &Caller) -> bool {
        // The user who runs this process can change the rights, so refusing this user's calls would protect nothing.
        *caller.principal() == Principal::Local
            || self.rights().is_some_and(|rights| rights.may_approve(caller))
    }

    fn may_approve_own(&self, caller: &Caller) -> bool {
        self.rights().is_some_and(|rights| rights.may_approve_own(caller))
    }
}

impl std::fmt::Debug for StoredPermit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredPermit({})", self.folder.display())
    }
}
