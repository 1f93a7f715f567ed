//! Classes of how calls end.

use std::fmt;

/// Classes of ends. Their texts never change; new ones may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutcomeCode {
    /// The service did it.
    Done,
    /// The service refused it: 3xx or 4xx, or an error of hand-written code.
    Refused,
    /// The service failed: 5xx.
    ServiceFailed,
    /// No source has such a tool, resource or prompt.
    Unknown,
    /// The caller may not make this call.
    NotPermitted,
    /// Too many calls are in flight, or they hold too many bytes.
    Busy,
    /// The arguments do not fit.
    InvalidArguments,
    /// No address to send it to is known.
    NoAddress,
    /// The address is more private than the user has allowed.
    PrivateAddress,
    /// A person did not approve it.
    NotApproved,
    /// The audit could not be written, so nothing was sent.
    NotAudited,
    /// A credential is missing.
    NoCredential,
    /// Credentials may not go to this origin.
    OriginNotPermitted,
    /// Its time was over before it was sent.
    Late,
    /// It did not reach the service.
    NotSent,
    /// It was sent, and no answer came: the service may have acted.
    NoAnswer,
    /// The service has acted, and its reply cannot be read.
    UnreadableReply,
}

impl OutcomeCode {
    /// The code as text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::ServiceFailed => "service_failed",
            Self::Unknown => "unknown",
            Self::NotPermitted => "not_permitted",
            Self::Busy => "busy",
            Self::InvalidArguments => "invalid_arguments",
            Self::NoAddress => "no_address",
            Self::PrivateAddress => "private_address",
            Self::NotApproved => "not_approved",
            Self::NotAudited => "not_audited",
            Self::NoCredential => "no_credential",
            Self::OriginNotPermitted => "origin_not_permitted",
            Self::Late => "late",
            Self::NotSent => "not_sent",
            Self::NoAnswer => "no_answer",
            Self::UnreadableReply => "unreadable_reply",
        }
    }
}

impl fmt::Display for OutcomeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
