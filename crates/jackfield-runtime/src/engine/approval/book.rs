//! The interface of stores for approvals.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::ledger::{Decision, Ledger, NewCall};
use super::record::BindingDigest;
use crate::engine::pending::Pending;

/// The store operations that a server needs. Each operation is one transaction. In a durable store, the changes of an operation are durable
/// when it returns.
pub(crate) trait ApprovalBook: Send + Sync {
    /// Whether another process, or this server after a restart, can decide about the stored approvals.
    fn is_shared(&self) -> bool;

    /// Spends the approval of a call, or requests a new one.
    fn call(&self, call: NewCall, now: u64) -> BookFuture<'_, Decision>;

    /// Spends the approval `key`, if a person has approved it.
    fn claim<'a>(&'a self, key: ApprovalKey<'a>, now: u64) -> BookFuture<'a, Decision>;

    /// Makes the spent approval of a call usable again, because its client repeats the call with an answer.
    fn resume<'a>(&'a self, id: &'a str, now: u64) -> BookFuture<'a, ()>;

    /// Applies the answer of the caller's own user.
    fn answer<'a>(&'a self, key: ApprovalKey<'a>, approves: bool, now: u64) -> BookFuture<'a, Decision>;
}

/// A future of an operation of the store.
pub(crate) type BookFuture<'a, T> = Pending<'a, Result<T, BookError>>;

/// The reason why approvals cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BookError(pub(crate) String);

impl fmt::Display for BookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BookError {}

/// The approval that a call waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ApprovalKey<'a> {
    pub(crate) id: &'a str,
    pub(crate) binding: &'a BindingDigest,
    pub(crate) principal: &'a str,
}

/// Approvals in the memory of this process. A restart loses them, and no other process sees them.
#[derive(Debug, Default)]
pub(crate) struct MemoryBook(Mutex<Ledger>);

impl MemoryBook {
    fn with(&self, now: u64, change: impl FnOnce(&mut Ledger) -> Decision) -> Result<Decision, BookError> {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.forget_ended(now);
        let decision = change(&mut ledger);
        ledger.take_changes();
        Ok(decision)
    }
}

impl ApprovalBook for MemoryBook {
    fn is_shared(&self) -> bool {
        false
    }

    fn call(&self, call: NewCall, now: u64) -> BookFuture<'_, Decision> {
        Box::pin(std::future::ready(self.with(now, |ledger| ledger.call(call, now))))
    }

    fn claim<'a>(&'a self, key: ApprovalKey<'a>, now: u64) -> BookFuture<'a, Decision> {
        let claimed = self.with(now, |ledger| ledger.claim(key.id, key.binding, key.principal, now));
        Box::pin(std::future::ready(claimed))
    }

    fn resume<'a>(&'a self, id: &'a str, now: u64) -> BookFuture<'a, ()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).resume(id, now);
        Box::pin(std::future::ready(Ok(())))
    }

    fn answer<'a>(&'a self, key: ApprovalKey<'a>, approves: bool, now: u64) -> BookFuture<'a, Decision> {
        let answered =
            self.with(now, |ledger| ledger.answer(key.id, key.binding, key.principal, approves, now));
        Box::pin(std::future::ready(answered))
    }
}
