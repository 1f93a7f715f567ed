//! Brings a copy up to date.

use std::collections::HashSet;
use std::fmt;
use std::time::{Duration, SystemTime};

use jackfield_runtime::utc_time;
use rusqlite::TransactionBehavior;

use super::error::CopyError;
use super::local::LocalCopy;
use super::lock::SyncLock;
use super::memo::Memo;
use super::rows;
use crate::api::client::Client;
use crate::api::error::ApiError;
use crate::api::page::Page;
use crate::entry::error::EntryError;
use crate::time::seconds_of;

/// The minimum time between two syncs that nobody has asked for. The registry asks mirrors to poll at most hourly.
const HOUR: u64 = 3_600;
/// The time after which a failed sync is repeated unasked.
const PAUSE: u64 = 60;
/// How far the next sync looks back before the begin of this one, because clocks differ and pages change while they are read.
const OVERLAP: u64 = 12 * 3_600;
/// The maximum time that a registry can ask to wait, even if the clock was changed since.
const LONGEST_WAIT: u64 = 24 * 3_600;
/// How long a sync waits for the lock. A search holds it for a moment.
const LOCKED: Duration = Duration::from_millis(200);
/// The maximum number of malformed entries that are described.
const MOST_DESCRIBED: usize = 20;

/// When a sync contacts the registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Poll {
    /// If the last sync ended an hour ago, or was interrupted.
    #[default]
    IfDue,
    /// Now, because a person asks for it.
    Now,
}

/// Limits of a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncLimits {
    /// The maximum number of pages.
    pub pages: u64,
    /// The maximum number of entries.
    pub entries: u64,
    /// The maximum number of pages without entries, one after the other.
    pub empty_pages: u64,
}

impl Default for SyncLimits {
    fn default() -> Self {
        Self { pages: 20_000, entries: 1_000_000, empty_pages: 20 }
    }
}

/// Options of a sync.
#[derive(Clone, Copy, Debug)]
pub struct SyncOptions {
    /// When the sync contacts the registry.
    pub poll: Poll,
    /// The limits.
    pub limits: SyncLimits,
    /// The time of this machine.
    pub now: SystemTime,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self { poll: Poll::default(), limits: SyncLimits::default(), now: SystemTime::now() }
    }
}

/// The result of a sync.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// Whether the registry was contacted.
    pub outcome: SyncOutcome,
    /// The number of pages that were read.
    pub pages: u64,
    /// The number of entries that were read.
    pub entries: u64,
    /// The number of entries that are new or have changed.
    pub changed: u64,
    /// The number of malformed entries, which were skipped.
    pub malformed: u64,
    /// The first malformed entries.
    pub described: Vec<EntryError>,
    /// Whether a damaged copy was replaced.
    pub is_replaced: bool,
}

/// Whether a sync contacted the registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncOutcome {
    /// It did, and the copy is up to date.
    #[default]
    Done,
    /// It did not, because the last sync was recent.
    Recent,
    /// It did not, because another process is doing so.
    ByAnotherProcess,
}

/// The reason why a sync failed. The pages before are kept, and the next sync continues after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncError {
    /// The registry gave no usable answer.
    Api(ApiError),
    /// The copy cannot be written.
    Copy(CopyError),
}

impl fmt::Display for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Copy(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SyncError {}

impl From<ApiError> for SyncError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<CopyError> for SyncError {
    fn from(error: CopyError) -> Self {
        Self::Copy(error)
    }
}

impl From<rusqlite::Error> for SyncError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Copy(error.into())
    }
}

impl LocalCopy {
    /// Brings the copy up to date: reads all entries, or those that have changed since the last sync. Each page is committed with its
    /// cursor, so that an interrupted sync continues where it stopped. `progress` is called with the number of entries after each page.
    ///
    /// # Errors
    /// Returns an error if the registry gives no usable answer, or the copy cannot be written.
    pub fn sync(
        &mut self,
        client: &mut Client,
        options: &SyncOptions,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Synced, SyncError> {
        let Some(lock) = SyncLock::take(&self.place.lock(), LOCKED)? else {
            return Ok(Synced { outcome: SyncOutcome::ByAnotherProcess, ..Synced::default() });
        };
        let mut synced = match self.sync_locked(client, options, progress) {
            Err(SyncError::Copy(CopyError::Damaged(_))) => {
                self.replace()?;
                Synced { is_replaced: true, ..self.sync_locked(client, options, progress)? }
            }
            synced => synced?,
        };
        drop(lock);
        synced.is_replaced |= self.set_aside().is_some();
        Ok(synced)
    }

    fn sync_locked(
        &mut self,
        client: &mut Client,
        options: &SyncOptions,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Synced, SyncError> {
        let now = seconds_of(options.now);
        let wait = Memo::Wait.number(&self.connection)?.saturating_sub(now);
        if (1..=LONGEST_WAIT).contains(&wait) {
            return Err(ApiError::Busy { status: 429, wait: Duration::from_secs(wait) }.into());
        }
        if options.poll == Poll::IfDue && !self.is_due(now)? {
            return Ok(Synced { outcome: SyncOutcome::Recent, ..Synced::default() });
        }
        let mut synced = Synced::default();
        let read = self.read_pages(client, options, &mut synced, progress);
        if let Err(SyncError::Api(error)) = &read {
            match error {
                ApiError::Busy { wait, .. } => Memo::Wait.set(&self.connection, now + wait.as_secs())?,
                _ => Memo::Pause.set(&self.connection, now + PAUSE)?,
            }
        }
        read?;
        Ok(synced)
    }

    /// Whether an unasked sync contacts the registry. A time in the future counts as no time, because the clock was changed.
    fn is_due(&self, now: u64) -> Result<bool, CopyError> {
        let pause = Memo::Pause.number(&self.connection)?.saturating_sub(now);
        if (1..=PAUSE).contains(&pause) {
            return Ok(false);
        }
        let is_interrupted = Memo::Began.text(&self.connection)?.is_some();
        let age = now.checked_sub(Memo::Ended.number(&self.connection)?);
        Ok(is_interrupted || age.is_none_or(|age| age >= HOUR))
    }

    fn read_pages(
        &mut self,
        client: &mut Client,
        options: &SyncOptions,
        synced: &mut Synced,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), SyncError> {
        let mut cursor = self.begin(seconds_of(options.now))?;
        let since = Memo::Since.text(&self.connection)?;
        let is_resumed = cursor.is_some();
        let mut seen = HashSet::new();
        let mut empty = 0;
        loop {
            let page = match client.page(cursor.as_deref(), since.as_deref()) {
                // The registry does not accept the cursor of an earlier sync any more.
                Err(ApiError::Status { status: 400..=499, .. } | ApiError::NotFound)
                    if is_resumed && synced.pages == 0 =>
                {
                    Memo::Cursor.clear(&self.connection)?;
                    cursor = None;
                    client.page(None, since.as_deref())?
                }
                page => page?,
            };
            let is_known = page
                .next_cursor
                .as_ref()
                .is_some_and(|next| cursor.as_ref() == Some(next) || !seen.insert(next.clone()));
            if is_known {
                return Err(ApiError::EndlessPages("a cursor occurs twice".to_owned()).into());
            }
            empty = if page.items.is_empty() { empty + 1 } else { 0 };
            let next = page.next_cursor.clone();
            let total = self.commit(page, synced)?;
            progress(total.entries);
            let limits = options.limits;
            let Some(next) = next else { return Ok(()) };
            for (value, most, what) in [
                (total.pages, limits.pages, "pages"),
                (total.entries, limits.entries, "entries"),
                (empty, limits.empty_pages, "empty pages"),
            ] {
                if value >= most {
                    // Another attempt would read the same pages again.
                    self.forget_run()?;
                    return Err(ApiError::EndlessPages(format!("there are more than {most} {what}")).into());
                }
            }
            cursor = Some(next);
        }
    }

    /// Begins a sync, or continues an interrupted one. Returns the cursor of its next page.
    fn begin(&mut self, now: u64) -> Result<Option<String>, CopyError> {
        if Memo::Began.text(&self.connection)?.is_some() {
            return Memo::Cursor.text(&self.connection);
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Memo::Began.set(&transaction, now)?;
        match Memo::NextSince.text(&transaction)? {
            Some(since) => Memo::Since.set(&transaction, since)?,
            None => Memo::Since.clear(&transaction)?,
        }
        for memo in [Memo::Cursor, Memo::Pages, Memo::Entries] {
            memo.clear(&transaction)?;
        }
        transaction.commit()?;
        Ok(None)
    }

    fn forget_run(&mut self) -> Result<(), CopyError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for memo in [Memo::Began, Memo::Cursor, Memo::Since, Memo::Pages, Memo::Entries] {
            memo.clear(&transaction)?;
        }
        Ok(transaction.commit()?)
    }

    /// Stores a page and the cursor of the next one, or the end of the sync. Returns the totals of the sync.
    fn commit(&mut self, page: Page, synced: &mut Synced) -> Result<Total, CopyError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut changed = 0;
        for item in &page.items {
            changed += u64::from(rows::store(&transaction, item)?);
        }
        if changed > 0 {
            rows::note_change(&transaction)?;
        }
        let read = (page.items.len() + page.malformed.len()) as u64;
        let total = Total {
            pages: Memo::Pages.number(&transaction)? + 1,
            entries: Memo::Entries.number(&transaction)? + read,
        };
        Memo::Pages.set(&transaction, total.pages)?;
        Memo::Entries.set(&transaction, total.entries)?;
        match &page.next_cursor {
            Some(cursor) => Memo::Cursor.set(&transaction, cursor)?,
            None => end(&transaction)?,
        }
        transaction.commit()?;
        synced.pages += 1;
        synced.entries += read;
        synced.changed += changed;
        synced.malformed += page.malformed.len() as u64;
        let left = MOST_DESCRIBED.saturating_sub(synced.described.len());
        synced.described.extend(page.malformed.into_iter().take(left));
        Ok(total)
    }
}

/// The totals of a sync, with its parts before an interruption.
struct Total {
    pages: u64,
    entries: u64,
}

/// Notes that a sync has ended, and from when the next one reads changes.
fn end(connection: &rusqlite::Connection) -> Result<(), CopyError> {
    let began = Memo::Began.number(connection)?;
    let newest: i64 =
        connection.query_row("SELECT coalesce(max(updated), 0) FROM entries", [], |row| row.get(0))?;
    // The clock of this machine may be ahead of the registry's, and the time of an entry may be wrong.
    let newest = u64::try_from(newest).unwrap_or_default();
    let since = began.min(newest).saturating_sub(OVERLAP);
    if since > 0 {
        Memo::NextSince.set(connection, utc_time(since))?;
    } else {
        // Without times, changes cannot be told from other entries.
        Memo::NextSince.clear(connection)?;
    }
    Memo::Ended.set(connection, began)?;
    for memo in [Memo::Began, Memo::Cursor, Memo::Since, Memo::Pages, Memo::Entries, Memo::Wait, Memo::Pause]
    {
        memo.clear(connection)?;
    }
    Ok(())
}
