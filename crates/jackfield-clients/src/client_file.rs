//! Writes an entry to the file of a client, and undoes this.

use std::path::{Path, PathBuf};

use crate::client::Client;
use crate::disk;
use crate::entry::Entry;
use crate::error::ClientError;
use crate::merge::{self, Added, Removed};
use crate::place::Place;
use crate::record::{Record, RecordFolder, digest};
use crate::server::Server;

/// The file of a client, and the folder for backups of earlier contents.
#[derive(Debug)]
pub struct ClientFile {
    file: PathBuf,
    is_linked: bool,
    state: PathBuf,
}

/// The result of [`ClientFile::write`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Written {
    /// The file already had the entry.
    Unchanged,
    /// The file did not exist and was created.
    Created,
    /// The entry was updated. There is no backup, because the file did not exist before the entry was first written.
    Updated,
    /// The entry was added.
    Added {
        /// The copy of the file as it was before.
        backup: PathBuf,
    },
    /// The entry replaced another entry with the same name.
    Replaced {
        /// The copy of the file as it was before.
        backup: PathBuf,
    },
}

/// The result of [`ClientFile::undo`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undone {
    /// The file has the bytes that it had before.
    Restored,
    /// The file was removed, because it did not exist before.
    Removed,
    /// The file had changed since the entry was written, so only the entry was removed, or replaced by the earlier entry.
    OnlyEntry,
    /// The file no longer had the entry, and was not changed.
    Absent,
}

impl ClientFile {
    /// Finds the file at `place`, and resolves links.
    ///
    /// # Errors
    /// Returns an error if the path leads to something other than a file, or if it leads out of the folder `place.within`.
    pub fn find(place: &Place, state: impl Into<PathBuf>) -> Result<Self, ClientError> {
        let target = disk::target(place)?;
        Ok(Self { file: target.file, is_linked: target.is_linked, state: state.into() })
    }

    /// Returns the path of the file, with links resolved.
    pub fn path(&self) -> &Path {
        &self.file
    }

    /// Whether the path that was given leads to the file through a link.
    pub fn is_linked(&self) -> bool {
        self.is_linked
    }

    /// Whether the folder of the file exists. Clients create it when they first start.
    pub fn has_folder(&self) -> bool {
        self.file.parent().is_some_and(Path::is_dir)
    }

    /// Adds the entry to the file. An earlier entry of this user is updated; any other entry with the same name
    /// is replaced only if `may_replace` is set.
    ///
    /// # Errors
    /// Returns an error, and changes nothing, if the file cannot be read, changed safely or written.
    pub fn write(&self, entry: &Entry, may_replace: bool) -> Result<Written, ClientError> {
        let records = RecordFolder::of(&self.state, &self.file, entry.client, &entry.name);
        let current = disk::read(&self.file)?;
        let text = match &current {
            Some(bytes) => disk::text(&self.file, bytes.clone())?,
            None => String::new(),
        };
        let earlier = records.read()?;
        let is_ours = |record: &Record| {
            let written = Entry { value: record.entry.clone(), inputs: Vec::new(), ..entry.clone() };
            matches!(merge::add(&self.file, &text, &written, false), Ok(Added::Unchanged))
        };
        let may_replace = may_replace || earlier.as_ref().is_some_and(is_ours);
        let Added::Text { text: new, replaces } = merge::add(&self.file, &text, entry, may_replace)? else {
            return Ok(Written::Unchanged);
        };
        let mut inputs: Vec<String> = entry.inputs.iter().filter_map(merge::id_of).collect();
        // The backup has the contents before the entry was first written, even if the entry is written twice.
        let before = match earlier {
            Some(record) if current.as_deref().is_some_and(|bytes| digest(bytes) == record.after) => {
                inputs.extend(record.inputs);
                record.before
            }
            Some(record) => {
                let without = self.without(&text, entry.client, &entry.name, &record)?;
                inputs.extend(record.inputs);
                current.as_ref().map(|_| without.unwrap_or_else(|| text.clone()).into_bytes())
            }
            None => current.clone(),
        };
        // An input that the earlier file contained is kept when the entry is removed.
        if let Some(before) = &before {
            let own = merge::inputs(&self.file, &disk::text(&self.file, before.clone())?, entry.client)?;
            inputs.retain(|id| !own.contains(id));
        }
        inputs.sort();
        inputs.dedup();
        let existed = before.is_some();
        records.write(&Record {
            before,
            after: digest(new.as_bytes()),
            entry: entry.value.clone(),
            inputs,
        })?;
        disk::replace(&self.file, current.as_deref(), new.as_bytes())?;
        Ok(match (existed, replaces) {
            _ if current.is_none() => Written::Created,
            (false, _) => Written::Updated,
            (true, true) => Written::Replaced { backup: records.backup() },
            (true, false) => Written::Added { backup: records.backup() },
        })
    }

    /// Restores the file as it was before the entry was written. If the file has changed since, only the entry is removed.
    ///
    /// # Errors
    /// Returns an error, and changes nothing, if the entry was not written, or if the file cannot be changed safely.
    pub fn undo(&self, client: Client, name: &str) -> Result<Undone, ClientError> {
        let nothing = || ClientError::NothingToUndo { file: self.file.clone(), name: name.to_owned() };
        // The path of the record contains the name.
        if !Server::is_name(name) {
            return Err(nothing());
        }
        let records = RecordFolder::of(&self.state, &self.file, client, name);
        let Some(record) = records.read()? else { return Err(nothing()) };
        let Some(current) = disk::read(&self.file)? else {
            // The record may contain the only copy of the earlier file.
            if record.before.is_none() {
                records.forget();
            }
            return Ok(Undone::Absent);
        };
        let undone = if digest(&current) == record.after {
            match &record.before {
                Some(before) => {
                    disk::replace(&self.file, Some(&current), before)?;
                    Undone::Restored
                }
                None => {
                    disk::remove(&self.file, &current)?;
                    Undone::Removed
                }
            }
        } else {
            let text = disk::text(&self.file, current.clone())?;
            match self.without(&text, client, name, &record)? {
                Some(new) => {
                    disk::replace(&self.file, Some(&current), new.as_bytes())?;
                    Undone::OnlyEntry
                }
                None => Undone::Absent,
            }
        };
        records.forget();
        Ok(undone)
    }

    /// Returns the text without the entry, or `None` if the text does not contain the entry.
    fn without(
        &self,
        text: &str,
        client: Client,
        name: &str,
        record: &Record,
    ) -> Result<Option<String>, ClientError> {
        let before = record.before.clone().map(|bytes| disk::text(&self.file, bytes)).transpose()?;
        match merge::remove(&self.file, text, client, name, before.as_deref(), &record.inputs)? {
            Removed::Absent => Ok(None),
            Removed::Text(text) => Ok(Some(text)),
        }
    }
}
