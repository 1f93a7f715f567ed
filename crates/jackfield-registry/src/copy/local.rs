//! A copy of a registry.

use std::cmp::Ordering;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jackfield_recipe::nearest;
use rusqlite::Connection;

use super::error::CopyError;
use super::lock::SyncLock;
use super::memo::Memo;
use super::place::Place;
use super::{database, disk, rows};
use crate::api::address::RegistryAddress;
use crate::entry::name::ServerName;
use crate::entry::server::Entry;
use crate::entry::version::ExactVersion;

/// The maximum number of names that are compared with a name.
const MOST_LOOK_ALIKES: usize = 20;
/// The maximum time to wait for another process that replaces a damaged copy.
const REPAIR: Duration = Duration::from_secs(10);

/// A copy of a registry on disk. Several processes can use it at once. Its functions block.
pub struct LocalCopy {
    pub(super) connection: Connection,
    pub(super) place: Place,
    set_aside: Option<PathBuf>,
}

/// Facts about a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyState {
    /// The number of entries.
    pub entries: u64,
    /// The number of servers.
    pub servers: u64,
    /// When the last sync ended, in seconds from 1970. `None` if none has ended.
    pub synced_at: Option<u64>,
    /// Whether a sync was interrupted. The next one resumes it.
    pub is_interrupted: bool,
}

impl LocalCopy {
    /// Opens the copy of a registry in a folder, which only its owner can enter. Both are created if they do not exist. A damaged copy is
    /// set aside and replaced by an empty one.
    ///
    /// # Errors
    /// Returns an error if the folder or the database cannot be used.
    pub fn open(folder: &Path, address: &RegistryAddress) -> Result<Self, CopyError> {
        Self::open_at(Place::of_registry(folder, address))
    }

    pub(super) fn open_at(place: Place) -> Result<Self, CopyError> {
        disk::prepare(place.folder())?;
        match database::open(&place.database()) {
            Ok(connection) => Ok(Self { connection, place, set_aside: None }),
            Err(CopyError::Damaged(_)) => {
                let lock = SyncLock::take(&place.lock(), REPAIR)?.ok_or(CopyError::Busy)?;
                // Another process may have replaced it meanwhile.
                let opened = match database::open(&place.database()) {
                    Err(CopyError::Damaged(_)) => {
                        let damaged = disk::set_aside(&place)?;
                        Self {
                            connection: database::open(&place.database())?,
                            place,
                            set_aside: Some(damaged),
                        }
                    }
                    opened => Self { connection: opened?, place, set_aside: None },
                };
                drop(lock);
                Ok(opened)
            }
            Err(error) => Err(error),
        }
    }

    /// Sets a damaged copy aside, and continues with an empty one. The caller holds the lock.
    pub(super) fn replace(&mut self) -> Result<(), CopyError> {
        // SQLite writes to its files when a connection is closed, so this happens before they are removed.
        self.connection = Connection::open_in_memory()?;
        self.set_aside = Some(disk::set_aside(&self.place)?);
        self.connection = database::open(&self.place.database())?;
        Ok(())
    }

    /// Returns the file to which a damaged copy was renamed, if there was one.
    pub fn set_aside(&self) -> Option<&Path> {
        self.set_aside.as_deref()
    }

    /// Returns facts about the copy.
    ///
    /// # Errors
    /// Returns an error if the copy cannot be read.
    pub fn state(&self) -> Result<CopyState, CopyError> {
        let mut statement =
            self.connection.prepare_cached("SELECT count(*), count(DISTINCT name) FROM entries")?;
        let (entries, servers): (i64, i64) = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let count = |count: i64| u64::try_from(count).unwrap_or_default();
        let ended = Memo::Ended.number(&self.connection)?;
        Ok(CopyState {
            entries: count(entries),
            servers: count(servers),
            synced_at: (ended > 0).then_some(ended),
            is_interrupted: Memo::Began.text(&self.connection)?.is_some(),
        })
    }

    /// Returns a version of a server, or the latest one. `None` if the copy does not have it.
    ///
    /// # Errors
    /// Returns an error if the copy cannot be read.
    pub fn entry(
        &self,
        name: &ServerName,
        version: Option<&ExactVersion>,
    ) -> Result<Option<Entry>, CopyError> {
        let mut versions = self.versions(name)?.into_iter();
        Ok(match version {
            Some(version) => versions.find(|entry| entry.version == *version),
            None => versions.next(),
        })
    }

    /// Returns all versions of a server: the latest one, then the others from the newest to the oldest.
    ///
    /// # Errors
    /// Returns an error if the copy cannot be read.
    pub fn versions(&self, name: &ServerName) -> Result<Vec<Entry>, CopyError> {
        let items = rows::versions(&self.connection, name.as_str())?;
        let mut versions: Vec<Entry> = items.into_iter().map(|item| item.entry).collect();
        versions.sort_by(newest_first);
        Ok(versions)
    }

    /// Returns the name that was probably meant, if no server has the given name.
    ///
    /// # Errors
    /// Returns an error if the copy cannot be read.
    pub fn nearest_name(&self, wanted: &str) -> Result<Option<String>, CopyError> {
        let names = rows::names(&self.connection)?;
        Ok(nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned))
    }

    /// Returns the names of other servers that people can confuse with a name.
    ///
    /// # Errors
    /// Returns an error if the copy cannot be read.
    pub fn look_alikes(&self, name: &ServerName) -> Result<Vec<ServerName>, CopyError> {
        let names = rows::look_alikes(&self.connection, name.as_str(), MOST_LOOK_ALIKES)?;
        Ok(names.iter().filter_map(|name| ServerName::parse(name).ok()).collect())
    }
}

fn newest_first(one: &Entry, other: &Entry) -> Ordering {
    let latest = |entry: &Entry| entry.official.is_latest == Some(true);
    latest(other).cmp(&latest(one)).then_with(|| other.version.precedence(&one.version))
}

impl fmt::Debug for LocalCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocalCopy({})", self.place.database().display())
    }
}
