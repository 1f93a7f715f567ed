//! The records that wait for the writer thread.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The maximum number of queued records. If the queue is full, calls wait, because the disk is slower than the calls.
const MAX_WAITING: usize = 4096;
/// The maximum number of records in one write.
const BATCH: usize = 512;
/// The time for which the first record of a read waits for further records. Waking the writer thread for each record would cost more than
/// the write.
const GATHER: Duration = Duration::from_millis(20);

/// A queue with one reader. Entries of reads are collected for a moment. An urgent entry is taken at once, together
/// with all earlier entries.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Waiting<T> {
    entries: Vec<T>,
    /// The time at which the first entry was added.
    since: Option<Instant>,
    is_urgent: bool,
    is_closed: bool,
}

/// The reason why an entry was not added.
#[derive(Debug)]
pub(crate) enum NotAdded<T> {
    /// The queue is full.
    Full(T),
    /// The queue is closed, or its reader has ended.
    Closed,
}

/// The result of waiting for entries.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken<T> {
    Entries(Vec<T>),
    /// No entry arrived in time.
    Nothing,
    /// The queue is closed and empty.
    Closed,
}

impl<T> Queue<T> {
    pub(crate) const fn new() -> Self {
        let waiting = Waiting { entries: Vec::new(), since: None, is_urgent: false, is_closed: false };
        Self { waiting: Mutex::new(waiting), changed: Condvar::new() }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// Returns an error if too many entries wait, or the queue is closed.
    pub(crate) fn add(&self, entry: T, is_urgent: bool) -> Result<(), NotAdded<T>> {
        let mut waiting = self.waiting();
        if waiting.is_closed {
            return Err(NotAdded::Closed);
        }
        if waiting.entries.len() >= MAX_WAITING {
            return Err(NotAdded::Full(entry));
        }
        waiting.entries.push(entry);
        waiting.since.get_or_insert_with(Instant::now);
        let was_ready = waiting.is_ready(1);
        waiting.is_urgent |= is_urgent;
        let wakes = waiting.entries.len() == 1 || (waiting.is_ready(0) && !was_ready);
        drop(waiting);
        if wakes {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Waits for entries, at most for the given time.
    pub(crate) fn take(&self, limit: Option<Duration>) -> Taken<T> {
        let end = limit.map(|limit| Instant::now() + limit);
        let mut waiting = self.waiting();
        loop {
            let now = Instant::now();
            let gathered = waiting.since.is_some_and(|since| now >= since + GATHER);
            if !waiting.entries.is_empty() && (gathered || waiting.is_ready(0)) {
                return Taken::Entries(waiting.batch(now));
            }
            if waiting.entries.is_empty() && waiting.is_closed {
                return Taken::Closed;
            }
            let until = waiting.since.map(|since| since + GATHER).or(end);
            if until.is_some_and(|until| now >= until) {
                return Taken::Nothing;
            }
            waiting = match until {
                Some(until) => {
                    let waited = self.changed.wait_timeout(waiting, until - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Closes the queue for new entries. The reader still gets the queued entries.
    pub(crate) fn close(&self) {
        self.waiting().is_closed = true;
        self.changed.notify_one();
    }

    /// Closes the queue and drops the queued entries, when the reader ends.
    pub(crate) fn abandon(&self) {
        let mut waiting = self.waiting();
        waiting.is_closed = true;
        let dropped = std::mem::take(&mut waiting.entries);
        drop(waiting);
        drop(dropped);
    }
}

impl<T> Waiting<T> {
    /// Whether the reader has to be woken: an entry is urgent, the queue is closed, or a batch is full. Ignores the last
    /// `without` entries.
    fn is_ready(&self, without: usize) -> bool {
        self.is_urgent || self.is_closed || self.entries.len() - without >= BATCH
    }

    /// Takes the entries of the next batch. Entries that stay in the queue stay urgent if they were urgent.
    fn batch(&mut self, now: Instant) -> Vec<T> {
        if self.entries.len() > BATCH {
            self.since = Some(now);
            return self.entries.drain(..BATCH).collect();
        }
        (self.since, self.is_urgent) = (None, false);
        std::mem::take(&mut self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgent_audit_entry_is_taken_at_once_with_all_earlier_entries() {
        let queue = Queue::new();
        (0..3).for_each(|at| queue.add(at, false).unwrap());
        assert!(!queue.waiting().is_ready(0));
        queue.add(3, true).unwrap();
        assert!(queue.waiting().is_ready(0));
        assert_eq!(queue.take(None), Taken::Entries(vec![0, 1, 2, 3]));
        assert_eq!(queue.take(Some(Duration::ZERO)), Taken::Nothing);
    }

    #[test]
    fn audit_entries_of_reading_calls_are_taken_from_the_queue_in_batches() {
        let queue = Queue::new();
        let start = Instant::now();
        queue.add(0, false).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| (1..100).for_each(|at| queue.add(at, false).unwrap()));
            let mut taken = Vec::new();
            while taken.len() < 100 {
                match queue.take(None) {
                    Taken::Entries(entries) => taken.extend(entries),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(taken, (0..100).collect::<Vec<_>>());
        });
        assert!(start.elapsed() >= GATHER);
    }

    #[test]
    fn full_audit_queue_refuses_entries_and_is_emptied_in_batches() {
        let queue = Queue::new();
        (0..MAX_WAITING).for_each(|at| queue.add(at, at == 0).unwrap());
        assert!(matches!(queue.add(0, false), Err(NotAdded::Full(0))));
        for batch in 0..MAX_WAITING / BATCH {
            let expected: Vec<_> = (batch * BATCH..(batch + 1) * BATCH).collect();
            assert_eq!(queue.take(None), Taken::Entries(expected));
        }
        assert_eq!(queue.take(Some(Duration::ZERO)), Taken::Nothing);
    }

    #[test]
    fn closed_audit_queue_returns_its_remaining_entries() {
        let queue = Queue::new();
        queue.add(1, false).unwrap();
        queue.close();
        assert!(matches!(queue.add(2, true), Err(NotAdded::Closed)));
        assert_eq!(queue.take(None), Taken::Entries(vec![1]));
        assert_eq!(queue.take(None), Taken::Closed);
    }

    #[test]
    fn audit_entries_are_dropped_when_the_thread_that_writes_them_ends() {
        let queue = Queue::new();
        let entry = std::sync::Arc::new(());
        queue.add(std::sync::Arc::clone(&entry), true).unwrap();
        queue.abandon();
        assert_eq!(std::sync::Arc::strong_count(&entry), 1);
        assert!(matches!(queue.add(entry, true), Err(NotAdded::Closed)));
    }
}
