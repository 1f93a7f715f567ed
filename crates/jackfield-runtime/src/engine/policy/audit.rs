//! Audit: records of every call before it is sent and after it has ended, and of every refusal.

use std::fmt;

use jackfield_recipe::Effect;

use crate::common::caller::Caller;
use crate::engine::destination::CallDestination;
use crate::engine::outcome_code::OutcomeCode;
use crate::engine::pending::Pending;
use crate::engine::request::TargetKind;

/// Stores audit records.
pub trait Audit: Send + Sync {
    /// Stores a record. The call continues only after the record is stored, so that the audit knows every
    /// call that was sent.
    fn record(&self, record: AuditRecord) -> Pending<'_, Result<(), AuditError>>;
}

/// One record of a call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AuditRecord {
    /// The number of the call within this process. All records of a call have the same number.
    pub call: u64,
    /// The recorded event.
    pub event: AuditEvent,
    /// The caller.
    pub caller: Caller,
    /// The kind of the target.
    pub kind: TargetKind,
    /// The name of the target.
    pub name: String,
    /// The effect of the target on the service, if known.
    pub effect: Option<Effect>,
    /// The destination of the call, once it is prepared.
    pub destination: Option<CallDestination>,
    /// The SHA-256 digest of the arguments.
    pub arguments: [u8; 32],
}

/// The events of a call that are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditEvent {
    /// The call is about to be sent.
    Intent,
    /// The call was refused before anything was sent.
    Refused(OutcomeCode),
    /// The call was sent and has ended.
    Ended {
        /// The outcome.
        code: OutcomeCode,
        /// The status of the HTTP reply, if one came.
        status: Option<u16>,
    },
}

/// Why a record could not be stored, as part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditError(String);

impl AuditError {
    /// Creates an error with this reason.
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
