//! Records calls through a thread that writes and syncs many records at once.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use jackfield_recipe::Effect;
use tokio::sync::oneshot;

use super::activity::Activity;
use super::chain::AuditKey;
use super::line::{account_fields, failed_fields, fields, list_fields, unusual_fields};
use super::log::{DAY, Log, Retention};
use super::queue::{NotAdded, Queue, Taken};
use crate::common::caller::Caller;
use crate::control::store::error::StoreError;
use crate::control::store::folder::create_private;
use crate::engine::pending::Pending;
use crate::engine::policy::audit::{
    AccountChange, Audit, AuditError, AuditEvent, AuditRecord, FailedAuthentications, ListPart,
};

/// The maximum time that records of reads may stay unsynced.
const SYNC_EVERY: Duration = Duration::from_secs(60);

/// The audit of a server. The record of a write is synced before the write is sent. Records of reads are collected
/// for a moment, written together, and synced with the next write or after a minute at the latest.
#[derive(Debug)]
pub struct AuditJournal {
    queue: Arc<Queue<Entry>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    shows_arguments: bool,
    folder: PathBuf,
}

#[derive(Debug)]
struct Entry {
    record: Recorded,
    time: SystemTime,
    /// Notified when the record was synced, or could not be written.
    written: Option<oneshot::Sender<Result<(), AuditError>>>,
    needs_sync: bool,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "almost every entry is a call")]
enum Recorded {
    Call(AuditRecord),
    Failed(FailedAuthentications),
    Account(AccountChange),
    List(Caller, Vec<ListPart>),
}

impl AuditJournal {
    /// Starts a chain of records in a folder. The folder is created so that only this user can enter it.
    ///
    /// # Errors
    /// Returns an error if the folder or its files cannot be written.
    pub fn begin(
        folder: &Path,
        key: AuditKey,
        retention: Retention,
        connector: &str,
    ) -> Result<Self, StoreError> {
        let failed = |error: io::Error| StoreError::Io { path: folder.to_owned(), reason: error.to_string() };
        create_private(folder)?;
        let log = Log::begin(folder, key, retention, connector).map_err(failed)?;
        let queue = Arc::new(Queue::new());
        let writer = std::thread::Builder::new().name("audit".to_owned());
        let entries = AbandonedAtEnd(Arc::clone(&queue));
        let activity = Activity::open(folder);
        let writer = writer.spawn(move || write(log, activity, &entries.0)).map_err(failed)?;
        Ok(Self {
            queue,
            writer: Mutex::new(Some(writer)),
            shows_arguments: false,
            folder: folder.to_owned(),
        })
    }

    /// Adds an entry to the queue of the writer thread.
    async fn add(&self, mut entry: Entry) -> Result<(), AuditError> {
        // The queue is full only if the disk is slower than the calls, so every call waits for the disk.
        loop {
            let is_urgent = entry.needs_sync;
            match self.queue.add(entry, is_urgent) {
                Ok(()) => return Ok(()),
                Err(NotAdded::Full(back)) => {
                    entry = back;
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Err(NotAdded::Closed) => return Err(stopped()),
            }
        }
    }

    /// Returns the folder of the records.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Records the arguments, with redacted secrets, instead of a digest of the arguments.
    #[must_use]
    pub const fn showing_arguments(mut self) -> Self {
        self.shows_arguments = true;
        self
    }
}

impl Audit for AuditJournal {
    fn record(&self, record: AuditRecord) -> Pending<'_, Result<(), AuditError>> {
        let is_read = record.effect == Some(Effect::Read);
        let is_intent = matches!(record.event, AuditEvent::Intent);
        // A refused call has no intent record. The record of a write's end is synced soon, but the reply does not wait
        // for the sync.
        let (waits, needs_sync) = (is_intent && !is_read, !is_read && record.effect.is_some());
        let (written, reply) = if waits {
            let (written, reply) = oneshot::channel();
            (Some(written), Some(reply))
        } else {
            (None, None)
        };
        let entry = Entry { record: Recorded::Call(record), time: SystemTime::now(), written, needs_sync };
        Box::pin(async move {
            if let Err(stopped) = self.add(entry).await {
                return if is_read { Ok(()) } else { Err(stopped) };
            }
            match reply {
                Some(reply) => reply.await.unwrap_or_else(|_| Err(stopped())),
                None => Ok(()),
            }
        })
    }

    fn record_failed(&self, failed: FailedAuthentications) -> Pending<'_, Result<(), AuditError>> {
        let (record, time) = (Recorded::Failed(failed), SystemTime::now());
        Box::pin(self.add(Entry { record, time, written: None, needs_sync: false }))
    }

    fn record_account(&self, change: AccountChange) -> Pending<'_, Result<(), AuditError>> {
        let (written, reply) = oneshot::channel();
        let (record, time) = (Recorded::Account(change), SystemTime::now());
        let entry = Entry { record, time, written: Some(written), needs_sync: true };
        Box::pin(async move {
            self.add(entry).await?;
            reply.await.unwrap_or_else(|_| Err(stopped()))
        })
    }

    fn record_list(&self, caller: &Caller, parts: &[ListPart]) {
        let record = Recorded::List(caller.clone(), parts.to_vec());
        // Listing tools changes nothing, so it does not wait for a slow disk.
        let _ = self
            .queue
            .add(Entry { record, time: SystemTime::now(), written: None, needs_sync: false }, false);
    }

    fn wants_arguments(&self) -> bool {
        self.shows_arguments
    }
}

fn stopped() -> AuditError {
    AuditError::new("the writer of the audit has stopped")
}

impl Drop for AuditJournal {
    /// Writes and syncs the queued records.
    fn drop(&mut self) {
        self.queue.close();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let _ = writer.join();
        }
    }
}

/// Abandons the queue when the writer thread ends, even by a panic, so that no call waits for ever.
struct AbandonedAtEnd(Arc<Queue<Entry>>);

impl Drop for AbandonedAtEnd {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// Writes records until the queue is closed.
fn write(mut log: Log, mut activity: Activity, queue: &Queue<Entry>) {
    let mut unsynced = None;
    let mut tidied = std::time::Instant::now();
    loop {
        if tidied.elapsed() >= DAY {
            tidied = std::time::Instant::now();
            if let Err(error) = log.tidy(SystemTime::now()) {
                tracing::error!(%error, "the next file of the audit could not be created");
            }
        }
        let until_tidy = DAY.saturating_sub(tidied.elapsed());
        let wait = unsynced.map_or(until_tidy, |since: std::time::Instant| {
            SYNC_EVERY.saturating_sub(since.elapsed()).min(until_tidy)
        });
        let batch = match queue.take(Some(wait)) {
            Taken::Entries(batch) => batch,
            Taken::Nothing => {
                if unsynced.take().is_some() {
                    let synced = log.sync();
                    unsynced = synced.is_err().then(std::time::Instant::now);
                    warn(synced);
                    activity.store();
                }
                continue;
            }
            Taken::Closed => {
                warn(log.sync());
                activity.store();
                return;
            }
        };
        let needs_sync = batch.iter().any(|entry| entry.needs_sync);
        let mut records = Vec::with_capacity(batch.len());
        for Entry { record, time, .. } in &batch {
            match record {
                Recorded::Call(record) => {
                    records.push(fields(record, log.key(), *time));
                    for unusual in activity.note(record, *time) {
                        tracing::warn!(principal = %unusual.principal, "unusual activity: {}", unusual.reason);
                        records.push(unusual_fields(&unusual, *time));
                    }
                }
                Recorded::Account(change) => records.push(account_fields(change, *time)),
                Recorded::Failed(failed) => records.push(failed_fields(failed, *time)),
                Recorded::List(caller, parts) => records.push(list_fields(caller, parts, *time)),
            }
        }
        let written = log.add(&records, needs_sync);
        match &written {
            Ok(()) if needs_sync && !log.is_head_stale() => unsynced = None,
            Ok(()) => _ = unsynced.get_or_insert_with(std::time::Instant::now),
            Err(error) => tracing::error!(%error, records = records.len(), "the audit could not be written"),
        }
        for told in batch.into_iter().filter_map(|entry| entry.written) {
            let result = written.as_ref().map_err(|error| AuditError::new(error.to_string()));
            let _ = told.send(result.copied());
        }
    }
}

fn warn(synced: io::Result<()>) {
    if let Err(error) = synced {
        tracing::error!(%error, "the audit could not be synced to disk");
    }
}
