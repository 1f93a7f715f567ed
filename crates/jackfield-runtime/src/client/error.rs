//! Why nothing came back.

use std::fmt;

use super::tls::{self, Tls};

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendError {
    problem: String,
    /// Whether the service may have seen the request.
    sent: bool,
    /// Whether the two ends did not come to trust each other.
    about_tls: bool,
}

impl SendError {
    /// Nothing left this machine, or nobody was there to take it.
    pub(crate) fn unsent(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), sent: false, about_tls: false }
    }

    /// The service may have acted on the request.
    pub(crate) fn unanswered(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), sent: true, about_tls: false }
    }

    /// The same behind so many redirects: the service has seen what was asked of it.
    pub(super) fn after(mut self, hops: usize) -> Self {
        if hops > 0 {
            self.sent = true;
            self.problem.push_str(", where a redirect led");
        }
        self
    }

    /// Whether the service may have acted on the request.
    pub const fn may_have_acted(&self) -> bool {
        self.sent
    }

    /// Whether the two ends did not come to trust each other.
    pub(crate) const fn is_about_tls(&self) -> bool {
        self.about_tls
    }

    /// The innermost cause says what happened; the outer ones repeat "client error".
    pub(super) fn of(error: &hyper_util::client::legacy::Error, tls: &Tls) -> Self {
        if let Some(meaning) = tls::cause(error).and_then(|cause| tls.meaning(cause)) {
            // A handshake that fails comes before the request, though a peer may say so only afterwards.
            return Self { about_tls: true, ..Self::unsent(meaning) };
        }
        let mut cause: &(dyn std::error::Error + 'static) = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Self { problem: cause.to_string(), sent: !error.is_connect(), about_tls: false }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for SendError {}
