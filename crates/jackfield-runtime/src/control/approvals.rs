//! Approvals in the store, which the server and the command line share.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::store::error::StoreError;
use super::store::seconds::{signed, unsigned};
use super::store::sqlite::SqliteStore;
use crate::common::caller::{Caller, Channel};
use crate::common::clock::Clock;
use crate::engine::approval::approvers::{Approvers, LocalApprovers};
use crate::engine::approval::ask_first::AskFirst;
use crate::engine::approval::book::{ApprovalBook, ApprovalKey, BookError, BookFuture};
use crate::engine::approval::ledger::{Approver, Decision, Ledger, NewCall, Undecidable};
use crate::engine::approval::record::{ApprovalRecord, ApprovalState, BindingDigest};

/// The number of seconds for which the records of ended approvals are kept, for `approvals list`.
const KEPT: u64 = 24 * 60 * 60;

/// The approvals of a connector, as the command line lists and decides them.
#[derive(Clone)]
pub struct Approvals {
    store: SqliteStore,
    approvers: Arc<dyn Approvers>,
    clock: Clock,
}

impl Approvals {
    /// Creates an interface to the approvals in a store.
    #[must_use]
    pub fn new(store: SqliteStore) -> Self {
        Self { store, approvers: Arc::new(LocalApprovers), clock: Clock::of_machine() }
    }

    /// Sets which principals may approve calls.
    #[must_use]
    pub fn with_approvers(mut self, approvers: Arc<dyn Approvers>) -> Self {
        self.approvers = approvers;
        self
    }

    /// Returns the approvals that wait for a decision, the oldest first. If `all` is set, also the approvals of the last day
    /// that were decided or have expired.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read.
    pub fn list(&self, all: bool) -> Result<Vec<ApprovalRecord>, StoreError> {
        let now = self.clock.seconds();
        self.store.read(|it| {
            let mut query = it.prepare(
                "SELECT * FROM approvals WHERE ?1 OR (state = 'pending' AND expires > ?2) ORDER BY created, id",
            )?;
            let found = query.query_map(params![all, signed(now)], record)?;
            found.collect::<Result<_, _>>().map_err(StoreError::from)
        })
    }

    /// Returns the approval with the given id.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read.
    pub fn get(&self, id: &str) -> Result<Option<ApprovalRecord>, StoreError> {
        self.store.read(|it| Ok(of_id(it, id)?))
    }

    /// Returns the number of seconds until a record expires. 0 if it has expired.
    pub fn left(&self, record: &ApprovalRecord) -> u64 {
        record.expires.saturating_sub(self.clock.seconds())
    }

    /// Approves or refuses a call in the name of the person at this terminal. `user` is recorded as the name of this person.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written.
    pub fn decide(
        &self,
        id: &str,
        approves: bool,
        user: &str,
    ) -> Result<Result<(), Undecidable>, StoreError> {
        let person = Caller::local(Channel::CommandLine);
        let approver = Approver {
            principal: person.principal().to_string(),
            may: self.approvers.may_approve(&person),
            name: user.to_owned(),
        };
        let now = self.clock.seconds();
        self.store.change(|it| with_ledger(it, id, |ledger| ledger.decide(id, approves, &approver, now)))
    }
}

impl std::fmt::Debug for Approvals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Approvals({:?})", self.store)
    }
}

impl AskFirst {
    /// Keeps approvals in a store, so that the command line and other processes of the connector see them.
    #[must_use]
    pub fn with_store(self, store: SqliteStore) -> Self {
        self.with_book(Arc::new(StoredBook(store)))
    }
}

/// The approvals of a server in the store. Each operation is one transaction, and its commit is synced.
#[derive(Debug)]
struct StoredBook(SqliteStore);

impl StoredBook {
    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, BookError> {
        let changed = self.0.run(move |store| store.change(change)).await;
        changed.map_err(|error| BookError(error.to_string()))
    }
}

/// An owned [`ApprovalKey`], for another thread.
struct OwnedKey {
    id: String,
    binding: BindingDigest,
    principal: String,
}

impl From<ApprovalKey<'_>> for OwnedKey {
    fn from(key: ApprovalKey<'_>) -> Self {
        Self { id: key.id.to_owned(), binding: *key.binding, principal: key.principal.to_owned() }
    }
}

impl ApprovalBook for StoredBook {
    fn is_shared(&self) -> bool {
        true
    }

    fn call(&self, call: NewCall, now: u64) -> BookFuture<'_, Decision> {
        Box::pin(self.change(move |it| {
            it.execute("DELETE FROM approvals WHERE expires < ?1", [signed(now.saturating_sub(KEPT))])?;
            let mut ledger = Ledger::of(live_of(it, &call.principal, now)?);
            let decision = ledger.call(call, now);
            save(it, &mut ledger)?;
            Ok(decision)
        }))
    }

    fn claim<'a>(&'a self, key: ApprovalKey<'a>, now: u64) -> BookFuture<'a, Decision> {
        let key = OwnedKey::from(key);
        Box::pin(async move {
            let claim = move |store: &SqliteStore| {
                let claim = |ledger: &mut Ledger| ledger.claim(&key.id, &key.binding, &key.principal, now);
                // A task tries to claim its approval twice a second. So a claim that finds no decision only reads, because a write
                // transaction would lock out other writers.
                let seen = store.read(|it| Ok(claim(&mut Ledger::of(of_id(it, &key.id)?))))?;
                match seen {
                    Decision::Spent { .. } => store.change(|it| with_ledger(it, &key.id, claim)),
                    unchanged => Ok(unchanged),
                }
            };
            self.0.run(claim).await.map_err(|error| BookError(error.to_string()))
        })
    }

    fn resume<'a>(&'a self, id: &'a str, now: u64) -> BookFuture<'a, ()> {
        let id = id.to_owned();
        Box::pin(self.change(move |it| with_ledger(it, &id, |ledger| ledger.resume(&id, now))))
    }

    fn answer<'a>(&'a self, key: ApprovalKey<'a>, approves: bool, now: u64) -> BookFuture<'a, Decision> {
        let key = OwnedKey::from(key);
        Box::pin(self.change(move |it| {
            let OwnedKey { id, binding, principal } = &key;
            with_ledger(it, id, |ledger| ledger.answer(id, binding, principal, approves, now))
        }))
    }
}

/// Returns the records that can decide about the calls of a principal.
fn live_of(it: &Connection, principal: &str, now: u64) -> Result<Vec<ApprovalRecord>, rusqlite::Error> {
    let mut query = it.prepare(
        "SELECT * FROM approvals WHERE principal = ?1 AND expires > ?2 AND state IN ('pending', 'approved', 'denied')",
    )?;
    query.query_map(params![principal, signed(now)], record)?.collect()
}

fn of_id(it: &Connection, id: &str) -> Result<Option<ApprovalRecord>, rusqlite::Error> {
    it.prepare("SELECT * FROM approvals WHERE id = ?1")?.query_row([id], record).optional()
}

fn record(row: &Row<'_>) -> Result<ApprovalRecord, rusqlite::Error> {
    let name: String = row.get("state")?;
    // A state that a newer version has written is unknown here, so the record neither decides about a call nor can be spent.
    let state = ApprovalState::parse(&name, row.get("decided_by")?).unwrap_or(ApprovalState::Declined);
    Ok(ApprovalRecord {
        id: row.get("id")?,
        principal: row.get("principal")?,
        summary: row.get("summary")?,
        created: unsigned(row, "created")?,
        expires: unsigned(row, "expires")?,
        state,
        binding: row.get("binding")?,
        rounds: row.get("rounds")?,
    })
}

/// Changes the record with the given id by the rules of the ledger.
fn with_ledger<T>(
    it: &Transaction<'_>,
    id: &str,
    change: impl FnOnce(&mut Ledger) -> T,
) -> Result<T, StoreError> {
    let mut ledger = Ledger::of(of_id(it, id)?);
    let changed = change(&mut ledger);
    save(it, &mut ledger)?;
    Ok(changed)
}

/// Saves the changed records of a ledger.
fn save(it: &Transaction<'_>, ledger: &mut Ledger) -> Result<(), rusqlite::Error> {
    for (id, record) in ledger.take_changes() {
        let Some(record) = record else {
            it.execute("DELETE FROM approvals WHERE id = ?1", [id])?;
            continue;
        };
        let ApprovalRecord { id, principal, summary, created, expires, state, binding, rounds } = record;
        it.prepare("INSERT OR REPLACE INTO approvals VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(
            params![
                id,
                binding,
                principal,
                summary,
                signed(*created),
                signed(*expires),
                state.name(),
                state.by(),
                rounds
            ],
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
