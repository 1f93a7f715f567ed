//! Audit: a record of every call before it is sent and when it has ended, and of every refusal.

use std::fmt;

use jackfield_recipe::Effect;

use crate::common::caller::Caller;
use crate::engine::destination::CallDestination;
use crate::engine::outcome_code::OutcomeCode;
use crate::engine::pending::Pending;
use crate::engine::request::TargetKind;

/// Keeps audit records.
pub trait Audit: Send + Sync {
    /// Keeps a record. The call goes on once it is kept, so that no call is made that the audit does not know.
    fn record(&self, record: AuditRecord) -> Pending<'_, Result<(), AuditError>>;
}

/// One record of a call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AuditRecord {
    /// The number of the call within this process: its records have the same.
    pub call: u64,
    /// The moment that the record is of.
    pub event: AuditEvent,
    /// The one who called.
    pub caller: Caller,
    /// The kind of the target.
    pub kind: TargetKind,
    /// The name of the target.
    pub name: String,
    /// The effect of the target on the service, where it is known.
    pub effect: Option<Effect>,
    /// The address that the call goes to, once it is prepared.
    pub destination: Option<CallDestination>,
    /// The SHA-256 digest of the arguments.
    pub arguments: [u8; 32],
}

/// The moments of a call that are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditEvent {
    /// The call is about to be sent.
    Intent,
    /// The call was refused before anything was sent.
    Refused(OutcomeCode),
    /// The call has ended after it was sent.
    Ended {
        /// How it ended.
        code: OutcomeCode,
        /// The status of the HTTP reply, where one came.
        status: Option<u16>,
    },
}

/// A record that could not be kept: why, as a part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditError(String);

impl AuditError {
    /// A failure for this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AuditError {}
