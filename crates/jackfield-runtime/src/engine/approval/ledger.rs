//! The rules of approvals as a state machine, which reads no clock, uses no randomness and stores nothing itself.
//!
//! A store loads the records that an operation needs, applies it, and saves the changed records in one transaction.

use std::collections::{BTreeMap, BTreeSet};
#[cfg(any(test, feature = "serve"))]
use std::fmt;

#[cfg(any(test, feature = "serve"))]
use super::approvers::MayApprove;
use super::record::{ApprovalRecord, ApprovalState, BindingDigest};

/// The maximum number of times that an approval is made usable again, for a call of hand-written code that asks its client something.
pub(crate) const MOST_ROUNDS: u32 = 8;

/// A call that needs an approval.
#[derive(Clone, Debug)]
pub(crate) struct NewCall {
    pub(crate) binding: BindingDigest,
    pub(crate) principal: String,
    pub(crate) summary: String,
    /// The id of the approval, if a new one is requested.
    pub(crate) id: String,
    /// The number of seconds after which the approval expires.
    pub(crate) lifetime: u64,
    /// The maximum number of pending approvals of a principal.
    pub(crate) most_pending: usize,
}

/// The decision about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The call may be sent. Its approval is spent.
    Spent { id: String },
    /// The call waits for a person.
    Waiting { id: String },
    /// A person has refused the call.
    Denied { id: String, by: String },
    /// The approval no longer exists: it has expired, or another call has spent it.
    Gone,
}

/// A person who decides about calls.
#[cfg(any(test, feature = "serve"))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Approver {
    pub(crate) principal: String,
    pub(crate) may: MayApprove,
    /// The name that audit records and messages show.
    pub(crate) name: String,
}

#[cfg(any(test, feature = "serve"))]
impl Approver {
    fn may_decide(&self, record: &ApprovalRecord) -> bool {
        match self.may {
            MayApprove::Own => true,
            MayApprove::Others => self.principal != record.principal,
            MayApprove::None => false,
        }
    }
}

/// The reason why an approval cannot be decided.
#[cfg(any(test, feature = "serve"))]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undecidable {
    /// The id is unknown.
    Unknown,
    /// The approval has ended.
    Expired,
    /// The approval is already in the requested state.
    Already(ApprovalState),
    /// The approver may not decide about the approval.
    NotPermitted,
}

#[cfg(any(test, feature = "serve"))]
impl fmt::Display for Undecidable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("there is no approval with this id"),
            Self::Expired => f.write_str("it has expired; the caller has to call again"),
            Self::Already(state) => write!(f, "it is already {state}"),
            Self::NotPermitted => {
                f.write_str("only another principal with the right `approve` can decide this call")
            }
        }
    }
}

#[cfg(any(test, feature = "serve"))]
impl std::error::Error for Undecidable {}

/// Records of approvals, and the ids of the records that have changed.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    records: BTreeMap<String, ApprovalRecord>,
    changed: BTreeSet<String>,
}

impl Ledger {
    /// Creates a ledger from these records.
    #[cfg(feature = "serve")]
    pub(crate) fn of(records: impl IntoIterator<Item = ApprovalRecord>) -> Self {
        let records = records.into_iter().map(|record| (record.id.clone(), record));
        Self { records: records.collect(), changed: BTreeSet::new() }
    }

    /// Returns all records in the order of their ids.
    #[cfg(test)]
    pub(crate) fn records(&self) -> impl Iterator<Item = &ApprovalRecord> {
        self.records.values()
    }

    /// Returns the records that changed since the last call. `None` stands for a removed record.
    pub(crate) fn take_changes(&mut self) -> Vec<(String, Option<&ApprovalRecord>)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().map(|id| (id.clone(), self.records.get(&id))).collect()
    }

    /// Removes ended records, which can no longer be spent.
    pub(crate) fn forget_ended(&mut self, now: u64) {
        self.records.retain(|_, record| record.is_live(now));
    }

    fn set(&mut self, id: &str, state: ApprovalState) {
        if let Some(record) = self.records.get_mut(id) {
            record.state = state;
            self.changed.insert(id.to_owned());
        }
    }

    fn remove(&mut self, id: &str) {
        self.records.remove(id);
        self.changed.insert(id.to_owned());
    }

    /// Decides about a call: spends its approval, or requests one. Equal calls share one pending approval.
    pub(crate) fn call(&mut self, call: NewCall, now: u64) -> Decision {
        if let Some(decision) = self.spend_matching(&call.binding, &call.principal, now) {
            return decision;
        }
        let pending = self.records.values().filter(|record| {
            record.principal == call.principal && matches!(record.state, ApprovalState::Pending)
        });
        let mut pending: Vec<(u64, String, bool)> =
            pending.map(|record| (record.created, record.id.clone(), record.is_live(now))).collect();
        pending.sort();
        let live = pending.iter().filter(|(_, _, is_live)| *is_live).count();
        let mut too_many = (live + 1).saturating_sub(call.most_pending.max(1));
        for (_, id, is_live) in pending {
            if !is_live {
                self.remove(&id);
            } else if too_many > 0 {
                // At the limit, the oldest pending approval is removed, because a person is least likely to need it.
                self.remove(&id);
                too_many -= 1;
            }
        }
        let NewCall { binding, principal, summary, id, lifetime, most_pending: _ } = call;
        let expires = now.saturating_add(lifetime);
        let state = ApprovalState::Pending;
        self.changed.insert(id.clone());
        let (id_of, created, rounds) = (id.clone(), now, 0);
        let record =
            ApprovalRecord { id: id_of, principal, summary, created, expires, state, binding, rounds };
        self.records.insert(id.clone(), record);
        Decision::Waiting { id }
    }

    /// Decides about a call by the record that already exists for it: a refusal, a pending approval, or an approval, which is then spent.
    /// Returns `None` if there is no such record.
    fn spend_matching(&mut self, binding: &BindingDigest, principal: &str, now: u64) -> Option<Decision> {
        let mut matching: Vec<&ApprovalRecord> = self.records.values().collect();
        matching.retain(|record| {
            record.binding == *binding && record.principal == principal && record.is_live(now)
        });
        let denied = matching.iter().find_map(|record| match &record.state {
            ApprovalState::Denied { by } => Some(Decision::Denied { id: record.id.clone(), by: by.clone() }),
            _ => None,
        });
        let of = |wanted: fn(&ApprovalState) -> bool| {
            matching.iter().find(|record| wanted(&record.state)).map(|record| record.id.clone())
        };
        let approved = of(|state| matches!(state, ApprovalState::Approved { .. }));
        let pending = of(|state| matches!(state, ApprovalState::Pending));
        if denied.is_some() {
            return denied;
        }
        match approved {
            Some(id) => {
                self.set(&id, ApprovalState::Spent);
                Some(Decision::Spent { id })
            }
            None => pending.map(|id| Decision::Waiting { id }),
        }
    }

    /// Decides about a call that waits for the approval `id`. Spends the approval if a person has approved it.
    pub(crate) fn claim(&mut self, id: &str, binding: &BindingDigest, principal: &str, now: u64) -> Decision {
        let Some(record) = self.matching(id, binding, principal, now) else { return Decision::Gone };
        let id = record.id.clone();
        match record.state.clone() {
            ApprovalState::Pending => Decision::Waiting { id },
            ApprovalState::Approved { .. } => {
                self.set(&id, ApprovalState::Spent);
                Decision::Spent { id }
            }
            ApprovalState::Denied { by } => Decision::Denied { id, by },
            ApprovalState::Declined | ApprovalState::Spent => Decision::Gone,
        }
    }

    /// Applies the answer of the caller's own user to the question about the approval `id`. If the user approves, the approval is spent at
    /// once.
    pub(crate) fn answer(
        &mut self,
        id: &str,
        binding: &BindingDigest,
        principal: &str,
        approves: bool,
        now: u64,
    ) -> Decision {
        let Some(record) = self.matching(id, binding, principal, now) else { return Decision::Gone };
        let id = record.id.clone();
        match record.state.clone() {
            ApprovalState::Pending | ApprovalState::Approved { .. } if approves => {
                self.set(&id, ApprovalState::Spent);
                Decision::Spent { id }
            }
            ApprovalState::Pending | ApprovalState::Approved { .. } => {
                self.set(&id, ApprovalState::Declined);
                Decision::Denied { id, by: principal.to_owned() }
            }
            ApprovalState::Denied { by } => Decision::Denied { id, by },
            ApprovalState::Declined | ApprovalState::Spent => Decision::Gone,
        }
    }

    /// Makes a spent approval usable again, because hand-written code asks its client something and the client repeats the call with the
    /// answer. The requests that the code sends are approved separately. The number of times is limited, because an equal call could use
    /// the approval instead.
    pub(crate) fn resume(&mut self, id: &str, now: u64) {
        let Some(record) = self.records.get_mut(id) else { return };
        if record.is_live(now) && record.state == ApprovalState::Spent && record.rounds < MOST_ROUNDS {
            record.rounds += 1;
            self.set(id, ApprovalState::Approved { by: "the first request of this call".to_owned() });
        }
    }

    fn matching(
        &self,
        id: &str,
        binding: &BindingDigest,
        principal: &str,
        now: u64,
    ) -> Option<&ApprovalRecord> {
        let record = self.records.get(id)?;
        (record.binding == *binding && record.principal == principal && record.is_live(now)).then_some(record)
    }

    /// Approves or refuses a waiting call. A refusal also withdraws an approval that is not yet spent.
    #[cfg(any(test, feature = "serve"))]
    pub(crate) fn decide(
        &mut self,
        id: &str,
        approves: bool,
        approver: &Approver,
        now: u64,
    ) -> Result<(), Undecidable> {
        let record = self.records.get(id).ok_or(Undecidable::Unknown)?;
        if !approver.may_decide(record) {
            return Err(Undecidable::NotPermitted);
        }
        match (&record.state, approves) {
            (ApprovalState::Pending, _) | (ApprovalState::Approved { .. }, false) => {}
            (state, _) => return Err(Undecidable::Already(state.clone())),
        }
        if !record.is_live(now) {
            return Err(Undecidable::Expired);
        }
        let by = approver.name.clone();
        let state = if approves { ApprovalState::Approved { by } } else { ApprovalState::Denied { by } };
        self.set(id, state);
        Ok(())
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
