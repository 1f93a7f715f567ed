//! A copy of a file with entries, for machines without network.

use std::io::{BufReader, Read, Seek as _};
use std::path::Path;
use std::time::Duration;

use jackfield_recipe::hex_encode;
use rusqlite::TransactionBehavior;
use sha2::{Digest as _, Sha256};

use super::disk::{self, MirrorFile};
use super::error::CopyError;
use super::local::LocalCopy;
use super::lock::SyncLock;
use super::memo::Memo;
use super::place::Place;
use super::rows;
use crate::api::split::{Part, SplitError, Splitter};
use crate::entry::error::EntryError;
use crate::entry::item::{LONGEST_ITEM, PublishedItem, too_long};

/// The maximum time to wait for another process that imports the same file.
const PATIENCE: Duration = Duration::from_secs(120);
/// The maximum number of malformed entries that are described.
const MOST_DESCRIBED: usize = 20;
/// The maximum number of entries.
const MOST_ENTRIES: u64 = 2_000_000;

/// The result of importing a mirror file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The number of entries.
    pub entries: u64,
    /// The number of malformed entries, which were skipped.
    pub malformed: u64,
    /// The first malformed entries.
    pub described: Vec<EntryError>,
}

impl LocalCopy {
    /// Opens the copy of a mirror file in a folder. The file is imported if it is new or has changed. The file contains a page
    /// (`{"servers": […]}`), an array of entries, or one entry or page per line.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or has another form, or if the copy cannot be written.
    pub fn open_mirror(folder: &Path, file: &Path) -> Result<(Self, Option<Imported>), CopyError> {
        let path = disk::mirror_path(file)?;
        let mut mirror = disk::open_mirror(&path)?;
        let mut copy = Self::open_at(Place::of_mirror(folder, &path))?;
        if copy.is_of(&mirror)? {
            return Ok((copy, None));
        }
        let lock = SyncLock::take(&copy.place.lock(), PATIENCE)?.ok_or(CopyError::Busy)?;
        let imported = match copy.import_locked(&path, &mut mirror) {
            Err(CopyError::Damaged(_)) => {
                copy.replace()?;
                copy.import_locked(&path, &mut mirror)?
            }
            imported => imported?,
        };
        drop(lock);
        Ok((copy, imported))
    }

    fn is_of(&self, mirror: &MirrorFile) -> Result<bool, CopyError> {
        Ok(Memo::MirrorStamp.text(&self.connection)?.as_deref() == Some(mirror.stamp.as_str()))
    }

    /// Imports the file, unless another process has done so, or its content is the same.
    fn import_locked(&mut self, path: &Path, mirror: &mut MirrorFile) -> Result<Option<Imported>, CopyError> {
        if self.is_of(mirror)? {
            return Ok(None);
        }
        let failed =
            |error: std::io::Error| CopyError::Io { path: path.to_owned(), reason: error.to_string() };
        mirror.file.rewind().map_err(failed)?;
        let digest = digest(&mut mirror.file).map_err(failed)?;
        if Memo::MirrorDigest.text(&self.connection)?.as_deref() == Some(digest.as_str()) {
            Memo::MirrorStamp.set(&self.connection, &mirror.stamp)?;
            return Ok(None);
        }
        mirror.file.rewind().map_err(failed)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("DELETE FROM entries", [])?;
        let imported = import(&transaction, path, &mirror.file)?;
        rows::note_change(&transaction)?;
        Memo::MirrorDigest.set(&transaction, digest)?;
        Memo::MirrorStamp.set(&transaction, &mirror.stamp)?;
        transaction.commit()?;
        Ok(Some(imported))
    }
}

fn import(to: &rusqlite::Connection, path: &Path, from: impl Read) -> Result<Imported, CopyError> {
    let unfit = |problem: String| CopyError::Mirror { path: path.to_owned(), problem };
    let mut splitter = Splitter::new(BufReader::with_capacity(256 * 1024, from), LONGEST_ITEM);
    let (mut imported, mut pages) = (Imported::default(), 0);
    let split = |error: SplitError| match error {
        SplitError::Io(error) => CopyError::Io { path: path.to_owned(), reason: error.to_string() },
        SplitError::NotJson(problem) => unfit(problem.to_owned()),
    };
    while let Some(part) = splitter.next().map_err(split)? {
        let item = match part {
            Part::Page(_) => {
                pages += 1;
                continue;
            }
            Part::Item(text) => PublishedItem::parse(&text),
            Part::LongItem => Err(too_long()),
        };
        match item {
            Ok(item) => {
                rows::store(to, &item)?;
                imported.entries += 1;
            }
            Err(error) => {
                imported.malformed += 1;
                if imported.described.len() < MOST_DESCRIBED {
                    imported.described.push(error);
                }
            }
        }
        if imported.entries + imported.malformed > MOST_ENTRIES {
            return Err(unfit(format!("it has more than {MOST_ENTRIES} entries")));
        }
    }
    match imported.described.first() {
        Some(first) if imported.entries == 0 => Err(unfit(format!("it has no valid entry: {first}"))),
        None if imported.entries == 0 && pages == 0 => Err(unfit("it has no entries".to_owned())),
        _ => Ok(imported),
    }
}

fn digest(from: &mut impl Read) -> std::io::Result<String> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(hex_encode(&digest.finalize())),
            read => digest.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}
