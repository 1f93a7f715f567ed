//! The record files and the head of one writer.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};

use super::chain::{AuditKey, Chain};
use super::files::{head_file, make_private, records_file, writers};
use super::head::{Head, HeadFile, is_unlocked};
use super::line::inner;
use super::verify::{Placed, last_record, removals_in};
use crate::common::timestamp::Timestamp;

/// The age of a file at which the next file is started, if old files are removed. Only closed files can be removed.
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The maximum number of heads of earlier writers that the first record repeats.
const MAX_HEADS: usize = 256;

/// The rules by which files are closed and removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The size at which the next file is started.
    pub file_bytes: u64,
    /// The time for which files are kept after their last record. `None` keeps them for ever.
    pub keep: Option<Duration>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { file_bytes: 64 << 20, keep: None }
    }
}

/// The open files of one writer.
#[derive(Debug)]
pub(crate) struct Log {
    folder: PathBuf,
    key: AuditKey,
    retention: Retention,
    chain: Chain,
    number: u32,
    file: File,
    /// The number of bytes of complete records in the file.
    size: u64,
    /// The time at which the file was created.
    begun: SystemTime,
    /// Whether the file may end with a partly written record that could not be removed.
    is_torn: bool,
    head: HeadFile,
    /// Whether the head file does not contain the last synced record yet.
    is_head_stale: bool,
    /// The number of records that could not be written since the last successful write.
    lost: u64,
}

impl Log {
    /// Starts a chain in a folder. Its first record repeats the heads of all earlier chains in the folder, so that the
    /// removal of a whole chain is detected too.
    ///
    /// # Errors
    /// Returns an error if the files cannot be created.
    pub(crate) fn begin(
        folder: &Path,
        key: AuditKey,
        retention: Retention,
        connector: &str,
    ) -> io::Result<Self> {
        let mut heads = Vec::new();
        for files in writers(folder)?.into_values() {
            if let Some(path) = files.head
                && let Some(head) = Head::read(&path, &key)?
            {
                heads.push((path.metadata()?.modified()?, head));
            }
        }
        heads.sort_by_key(|(time, _)| *time);
        let newest = heads.len().saturating_sub(MAX_HEADS);
        let heads: Vec<Value> = heads.split_off(newest).iter().map(|(_, head)| head.to_json(&key)).collect();
        let chain = Chain::new().map_err(io::Error::other)?;
        let file = create(&records_file(folder, &chain.writer, 1))?;
        let head = HeadFile::create(&head_file(folder, &chain.writer))?;
        let mut log = Self {
            folder: folder.to_owned(),
            key,
            retention,
            chain,
            number: 1,
            file,
            size: 0,
            begun: SystemTime::now(),
            is_torn: false,
            head,
            is_head_stale: false,
            lost: 0,
        };
        let first = log.note("started", &[("connector", json!(connector)), ("heads", json!(heads))]);
        log.write(&[first], true)?;
        log.remove_old_or_warn(SystemTime::now());
        Ok(log)
    }

    /// Returns the members of a record about the audit itself.
    fn note(&self, event: &str, more: &[(&str, Value)]) -> String {
        let mut members = Map::new();
        members.insert("time".to_owned(), json!(Timestamp::of(SystemTime::now()).to_string()));
        members.insert("event".to_owned(), json!(event));
        members.insert("key".to_owned(), json!(self.key.id()));
        members.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        inner(&members)
    }

    /// Returns the key of the audit.
    pub(crate) const fn key(&self) -> &AuditKey {
        &self.key
    }

    /// Appends all of the records, or none of them. With `sync`, they are on the disk when this function returns.
    ///
    /// # Errors
    /// Returns an error if the records cannot be written. The next written record then says how many are missing.
    pub(crate) fn add(&mut self, records: &[String], sync: bool) -> io::Result<()> {
        let ready = self.make_ready();
        let lost = (self.lost > 0).then(|| self.note("lost", &[("records", json!(self.lost))]));
        let written = ready.and_then(|()| match lost {
            Some(lost) => {
                let all: Vec<String> = [lost].into_iter().chain(records.iter().cloned()).collect();
                self.write(&all, sync)
            }
            None => self.write(records, sync),
        });
        match &written {
            Ok(()) => self.lost = 0,
            Err(_) => self.lost += u64::try_from(records.len()).unwrap_or(u64::MAX),
        }
        written
    }

    fn write(&mut self, records: &[String], sync: bool) -> io::Result<()> {
        let mut chain = self.chain.clone();
        let text: String = records.iter().map(|record| chain.add(&self.key, record)).collect();
        let written = self.file.write_all(text.as_bytes()).and_then(|()| match sync {
            true => self.file.sync_data(),
            false => Ok(()),
        });
        if let Err(error) = written {
            // A partly written record would break the chain for every later record.
            self.is_torn = self.file.set_len(self.size).is_err();
            return Err(error);
        }
        self.chain = chain;
        self.size += u64::try_from(text.len()).unwrap_or(u64::MAX);
        // The records are on the disk, so calls continue even if the head cannot be written.
        if sync && let Err(error) = self.write_head() {
            tracing::error!(%error, "the head of the audit could not be written");
            self.is_head_stale = true;
        }
        Ok(())
    }

    fn write_head(&mut self) -> io::Result<()> {
        if let Some(head) = Head::of(&self.chain) {
            self.head.write(&head, &self.key)?;
        }
        self.is_head_stale = false;
        Ok(())
    }

    /// Whether [`sync`](Self::sync) has to write the head again.
    pub(crate) const fn is_head_stale(&self) -> bool {
        self.is_head_stale
    }

    /// Syncs all records and the head.
    ///
    /// # Errors
    /// Returns an error if the records or the head cannot be written.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        self.write_head()?;
        self.head.sync()
    }

    /// Makes later writes fail, for tests.
    #[cfg(test)]
    pub(crate) fn break_file(&mut self) {
        self.file = File::open("/dev/null").expect("every Unix system has /dev/null");
    }

    /// Opens the file again after [`break_file`](Self::break_file).
    #[cfg(test)]
    pub(crate) fn reopen_file(&mut self) {
        let path = records_file(&self.folder, &self.chain.writer, self.number);
        self.file = OpenOptions::new().append(true).open(path).expect("the file was open before");
    }

    /// Makes later writes of the head fail, for tests.
    #[cfg(test)]
    pub(crate) fn break_head(&mut self) {
        self.head = HeadFile::broken();
    }

    /// Opens the head file again after [`break_head`](Self::break_head).
    #[cfg(test)]
    pub(crate) fn reopen_head(&mut self) {
        self.head = HeadFile::reopened(&head_file(&self.folder, &self.chain.writer));
    }

    /// Starts the next file if this file is full, or if its end could not be repaired.
    fn make_ready(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.is_torn = self.file.set_len(self.size).is_err();
        }
        if self.is_torn || self.size >= self.retention.file_bytes {
            self.rotate()?;
            self.remove_old_or_warn(SystemTime::now());
        }
        Ok(())
    }

    /// Starts the next file if this file is a day old, and removes files that are older than the retention time.
    ///
    /// # Errors
    /// Returns an error if the next file cannot be created.
    pub(crate) fn tidy(&mut self, now: SystemTime) -> io::Result<()> {
        let age = now.duration_since(self.begun).unwrap_or_default();
        if self.retention.keep.is_some() && self.size > 0 && age >= DAY {
            self.rotate()?;
        }
        self.remove_old_or_warn(now);
        Ok(())
    }

    /// Starts the next file.
    fn rotate(&mut self) -> io::Result<()> {
        let synced = self.file.sync_data();
        if !self.is_torn {
            synced?;
        }
        self.file = create(&records_file(&self.folder, &self.chain.writer, self.number + 1))?;
        self.number += 1;
        self.size = 0;
        self.begun = SystemTime::now();
        self.is_torn = false;
        Ok(())
    }

    /// Removes old files, or logs why this fails: old files do no harm, so calls continue.
    fn remove_old_or_warn(&mut self, now: SystemTime) {
        if let Err(error) = self.remove_old(now) {
            tracing::error!(%error, "old files of the audit could not be removed");
        }
    }

    /// Removes files whose last record is older than the retention time. The chain records each removal, so that a
    /// verification can tell it from a loss. If a removed file contains records of earlier removals, the chain repeats
    /// these records.
    fn remove_old(&mut self, now: SystemTime) -> io::Result<()> {
        let Some(keep) = self.retention.keep else { return Ok(()) };
        let Some(oldest) = now.checked_sub(keep) else { return Ok(()) };
        let mut removals: BTreeMap<String, Placed> = BTreeMap::new();
        let mut old = Vec::new();
        for (writer, files) in writers(&self.folder)? {
            let is_own = writer == self.chain.writer;
            // Another running process may still append to its newest file.
            let is_over = !is_own && files.head.as_deref().is_some_and(is_unlocked);
            let newest = files.records.keys().next_back().copied();
            let mut removes_all = is_over;
            for (number, path) in &files.records {
                let is_open = Some(*number) == newest && !is_over;
                if is_open || path.metadata()?.modified()? >= oldest {
                    removes_all = false;
                    break;
                }
                for (of, placed) in removals_in(path)? {
                    keep_newest(&mut removals, of, placed);
                }
                if let Some(last) = last_record(path)? {
                    keep_newest(&mut removals, writer.clone(), last);
                }
                old.push(path.clone());
            }
            old.extend(files.head.filter(|_| removes_all));
        }
        if old.is_empty() {
            return Ok(());
        }
        let records: Vec<String> = removals
            .into_iter()
            .map(|(writer, Placed { sequence, code })| {
                let last = [
                    ("writer_of", json!(writer)),
                    ("through", json!(sequence)),
                    ("mac_of", json!(code.to_hex())),
                ];
                self.note("removed", &last)
            })
            .collect();
        self.write(&records, true)?;
        old.iter().try_for_each(std::fs::remove_file)
    }
}

fn keep_newest(removals: &mut BTreeMap<String, Placed>, writer: String, placed: Placed) {
    let known = removals.entry(writer).or_insert_with(|| placed.clone());
    if known.sequence < placed.sequence {
        *known = placed;
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // After `set_len`, the append mode continues at the new end.
    options.append(true).create_new(true);
    make_private(&mut options);
    options.open(path)
}
