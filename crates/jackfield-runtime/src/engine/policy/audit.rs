//! Audit: records of every call before it is sent and after it has ended, and of every refusal.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jackfield_recipe::Effect;
use serde_json::Value;

use crate::common::caller::{Caller, Channel, Principal};
use crate::engine::destination::CallDestination;
use crate::engine::outcome_code::OutcomeCode;
use crate::engine::pending::Pending;
use crate::engine::request::TargetKind;

/// Stores audit records.
pub trait Audit: Send + Sync {
    /// Stores a record. The call continues only after the record is stored, so that the audit knows every
    /// call that was sent.
    fn record(&self, record: AuditRecord) -> Pending<'_, Result<(), AuditError>>;

    /// Stores a record of clients that failed to authenticate.
    fn record_failed(&self, _: FailedAuthentications) -> Pending<'_, Result<(), AuditError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Stores a record of a tool list that a caller received. The function does not wait, so a record may be lost.
    fn record_list(&self, _caller: &Caller, _parts: &[ListPart]) {}

    /// Stores a record of an account at another server that was connected or forgotten. The record is stored when the future resolves.
    fn record_account(&self, _: AccountChange) -> Pending<'_, Result<(), AuditError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Whether records contain the arguments in addition to their digest.
    fn wants_arguments(&self) -> bool {
        false
    }
}

/// An account at another server that was connected or forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountChange {
    /// The kind of the change.
    pub action: AccountAction,
    /// The caller that owns the account. The local user stands for the server itself.
    pub owner: Principal,
    /// The connector whose calls use the account.
    pub connector: String,
    /// The origin of the other server. `None` if the account consists of variables of a program.
    pub origin: Option<String>,
    /// The channel of the change: a command or a web page.
    pub channel: Channel,
    /// The IP address of the browser, if a web page has made the change.
    pub address: Option<IpAddr>,
}

/// The kind of a change of an account at another server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountAction {
    /// The account was connected, or replaced another one.
    Connected,
    /// The stored account was deleted.
    Forgotten,
}

impl AccountAction {
    /// Returns the name of the action, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Forgotten => "forgotten",
        }
    }
}

/// Requests from one IP address that failed to authenticate. The record contains no part of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedAuthentications {
    /// The IP address, the network of an IPv6 address, or `others`. `None` for a client of a Unix socket.
    pub address: Option<String>,
    /// The reason of the last failure.
    pub reason: &'static str,
    /// The number of requests.
    pub attempts: u64,
}

/// The part of a tool list that a connector adds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListPart {
    /// The attached connector. `None` for the tools of the server itself.
    pub connector: Option<String>,
    /// The number of the connector's tools in the list.
    pub tools: usize,
    /// The number of bytes of the entries of these tools.
    pub bytes: usize,
}

/// The attached connector that answers a call, and the connector's own name of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttachedTarget {
    /// The name under which the connector is attached.
    pub connector: String,
    /// The connector's own name of the tool or prompt, or its own URI of the resource.
    pub name: String,
}

impl AttachedTarget {
    /// Creates the target of a connector.
    pub const fn new(connector: String, name: String) -> Self {
        Self { connector, name }
    }
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
    /// The name of the target. For a resource, it is the URI without its query.
    pub name: String,
    /// The operation that was selected, if the target is a tool that calls one of several.
    pub operation: Option<String>,
    /// The attached connector that answers the call. `None` if the server itself answers the call.
    pub attached: Option<AttachedTarget>,
    /// The id of the trace to which the call belongs, if its client sent one.
    pub trace: Option<String>,
    /// The effect of the target on the service, if known.
    pub effect: Option<Effect>,
    /// The destination of the call, once it is prepared.
    pub destination: Option<CallDestination>,
    /// The SHA-256 digest of the arguments.
    pub arguments: [u8; 32],
    /// The arguments with redacted secrets, if the audit records arguments.
    pub shown_arguments: Option<Arc<Value>>,
    /// The id of the approval that was spent, that the call waits for, or that was refused.
    pub approval: Option<String>,
    /// The rule that refused the call, if a policy did.
    pub rule: Option<String>,
    /// The number of HTTP requests that the call needed: more than 1 if requests were repeated, 0 if nothing was sent.
    pub attempts: u32,
    /// The number of bytes of an answer that is not an HTTP reply.
    pub answer_bytes: Option<usize>,
    /// The time since the call arrived.
    pub duration: Duration,
}

/// The events of a call that are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditEvent {
    /// The call is about to be sent.
    Intent,
    /// The call was refused before anything was sent.
    Refused(OutcomeCode),
    /// The call was sent and has ended.
    Ended {
        /// The outcome of the call.
        code: OutcomeCode,
        /// The HTTP reply, if one came.
        reply: Option<RecordedReply>,
    },
}

/// The properties of an HTTP reply that an audit records.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedReply {
    /// The status of the reply.
    pub status: u16,
    /// The number of bytes of the body, after decompression.
    pub bytes: usize,
    /// The id that the service gave the request, from the usual headers.
    pub request_id: Option<String>,
    /// The source of the reply.
    pub source: ReplySource,
}

/// The source of a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplySource {
    /// The service sent the reply.
    #[default]
    Service,
    /// The reply was in the cache, and the service confirmed with a 304 that it is current.
    Revalidated,
    /// The reply was in the cache, and nothing was sent.
    Memory,
}

impl ReplySource {
    /// Returns the name of the source, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Revalidated => "revalidated",
            Self::Memory => "memory",
        }
    }

    /// Returns the source of a reply that was joined from two replies: their common source, otherwise the service.
    #[must_use]
    pub(crate) fn joined(self, other: Self) -> Self {
        if self == other { self } else { Self::Service }
    }
}

impl RecordedReply {
    /// Creates the properties of a reply that came from the service.
    pub const fn new(status: u16, bytes: usize, request_id: Option<String>) -> Self {
        Self { status, bytes, request_id, source: ReplySource::Service }
    }
}

/// The reason why a record could not be stored, as part of a sentence.
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
