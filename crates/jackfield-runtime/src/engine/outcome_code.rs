//! Outcome codes of calls.

use std::fmt;

/// The outcome of a call. The text of a code never changes; new codes may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutcomeCode {
    /// The service reported success.
    Done,
    /// The service refused the call (3xx or 4xx), or hand-written code returned an error.
    Refused,
    /// The service accepted the call, and its job is still running.
    Accepted,
    /// The service accepted the call, and its job has failed.
    JobFailed,
    /// The service failed (5xx).
    ServiceFailed,
    /// The tool, resource or prompt is unknown.
    Unknown,
    /// The tool is withheld until a person accepts it.
    NotAccepted,
    /// The caller may not make this call.
    NotPermitted,
    /// Too many calls are in flight, or they hold too many bytes.
    Busy,
    /// The arguments do not fit the input schema.
    InvalidArguments,
    /// The base URL is unknown.
    NoAddress,
    /// The IP address of the host is more private than the user has allowed.
    PrivateAddress,
    /// The caller's token lacks a scope.
    InsufficientScope,
    /// The caller has made too many calls.
    RateExceeded,
    /// A person did not approve the call.
    NotApproved,
    /// The call waits for the approval of a person.
    ApprovalPending,
    /// The call waits for answers, which the caller sends with the repeated call.
    InputRequired,
    /// The call needs an answer that the caller's client cannot give.
    MissingCapability,
    /// The audit could not be written, so nothing was sent.
    NotAudited,
    /// A credential is missing.
    NoCredential,
    /// Credentials may not be sent to this origin.
    OriginNotPermitted,
    /// The service has asked for a pause that does not end before the deadline.
    UpstreamLimited,
    /// The circuit breaker of the host is open, because the host has failed too often.
    UpstreamDown,
    /// The deadline passed before the request was sent.
    Late,
    /// The request did not reach the service.
    NotSent,
    /// The request was sent and no reply was received. The service may have acted.
    NoAnswer,
    /// The service acted on the request, but its reply cannot be read.
    UnreadableReply,
    /// The caller stopped waiting. If the request was sent, the service may have acted.
    Cancelled,
}

impl OutcomeCode {
    /// Returns the code as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Accepted => "accepted",
            Self::JobFailed => "job_failed",
            Self::ServiceFailed => "service_failed",
            Self::Unknown => "unknown",
            Self::NotAccepted => "not_accepted",
            Self::NotPermitted => "not_permitted",
            Self::Busy => "busy",
            Self::InvalidArguments => "invalid_arguments",
            Self::NoAddress => "no_address",
            Self::PrivateAddress => "private_address",
            Self::InsufficientScope => "insufficient_scope",
            Self::RateExceeded => "rate_exceeded",
            Self::NotApproved => "not_approved",
            Self::ApprovalPending => "approval_pending",
            Self::InputRequired => "input_required",
            Self::MissingCapability => "missing_capability",
            Self::NotAudited => "not_audited",
            Self::NoCredential => "no_credential",
            Self::OriginNotPermitted => "origin_not_permitted",
            Self::UpstreamLimited => "upstream_limited",
            Self::UpstreamDown => "upstream_down",
            Self::Late => "late",
            Self::NotSent => "not_sent",
            Self::NoAnswer => "no_answer",
            Self::UnreadableReply => "unreadable_reply",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for OutcomeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
