//! Errors of calls that are not sent, because the service asked for a pause or has failed too often.

use std::fmt;

use super::breaker::OpenCircuit;

/// The reason why a request is not sent to a service. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamRefusal {
    pub(super) origin: String,
    pub(super) reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The service has asked for a pause that ends after this number of seconds.
    Limited {
        seconds: u64,
    },
    Open(OpenCircuit),
}

impl UpstreamRefusal {
    /// Whether the service has asked for a pause; otherwise it has failed too often.
    pub const fn is_limit(&self) -> bool {
        matches!(self.reason, Reason::Limited { .. })
    }

    /// Returns the seconds after which the call can be made again, rounded up.
    pub const fn seconds(&self) -> u64 {
        match &self.reason {
            Reason::Limited { seconds } => *seconds,
            Reason::Open(open) => open.seconds,
        }
    }
}

impl fmt::Display for UpstreamRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, reason } = self;
        match reason {
            Reason::Limited { seconds } => {
                write!(f, "{origin} accepts no more calls for now: call again in {seconds} s")
            }
            Reason::Open(OpenCircuit { since, failures, cause, seconds }) => write!(
                f,
                "{origin} does not work: since {since}, {failures} requests in a row have failed, the last one with: \
                 {cause}. It is tried again in {seconds} s"
            ),
        }
    }
}

impl std::error::Error for UpstreamRefusal {}
