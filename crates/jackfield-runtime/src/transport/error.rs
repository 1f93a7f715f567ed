//! Errors of a request that got no usable reply.

use std::fmt;
use std::io;

use http::StatusCode;

use super::tls::{self, Tls, TlsError};
use crate::transport::destinations::RefusedDestination;
use crate::transport::redirect::Hop;

/// Why a request got no usable reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendError {
    problem: String,
    acted: Acted,
    about: About,
    /// The rule that forbids the address, if there is one.
    refusal: Option<Box<RefusedDestination>>,
}

/// The kinds of failure that callers tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// The TLS handshake failed.
    Tls,
    /// The connection ended before a reply.
    End,
    Other,
}

/// Whether the service has acted on the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acted {
    No,
    Perhaps,
    /// The service confirmed it with that status.
    Yes(StatusCode),
}

impl SendError {
    /// The request was not sent, or no connection was made.
    pub(crate) fn unsent(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), acted: Acted::No, about: About::Other, refusal: None }
    }

    /// The address is more private than the user has allowed.
    pub(crate) fn refused(refusal: RefusedDestination) -> Self {
        let problem = refusal.what();
        Self { refusal: Some(Box::new(refusal)), ..Self::unsent(problem) }
    }

    pub(crate) fn refusal(&self) -> Option<&RefusedDestination> {
        self.refusal.as_deref()
    }

    /// The service may have acted on the request.
    pub(crate) fn unanswered(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), acted: Acted::Perhaps, about: About::Other, refusal: None }
    }

    /// The service confirmed success, and its reply cannot be read.
    pub(crate) fn unreadable(status: StatusCode, problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), acted: Acted::Yes(status), about: About::Other, refusal: None }
    }

    /// Records the hop at which the error occurred. After a redirect, the service has already seen the first request.
    pub(super) fn at(mut self, hop: &Hop) -> Self {
        if hop.number > 0 {
            self.acted = match (self.acted, hop.done(StatusCode::OK)) {
                (_, Some(_)) => Acted::Yes(StatusCode::SEE_OTHER),
                (Acted::No, None) => Acted::Perhaps,
                (acted, None) => acted,
            };
            self.problem.push_str(", where a redirect led");
        }
        self
    }

    /// Whether the service may have acted on the request.
    pub fn may_have_acted(&self) -> bool {
        self.acted != Acted::No
    }

    pub(crate) const fn acted(&self) -> Acted {
        self.acted
    }

    /// The whole message, written for a model.
    pub(crate) fn describe(&self, route: &str) -> String {
        let problem = &self.problem;
        let text = match self.acted {
            Acted::No => format!("No reply to {route}: {problem}. Nothing was sent."),
            Acted::Perhaps => {
                format!("No reply to {route}: {problem}. It may or may not have acted on the request.")
            }
            Acted::Yes(status) => format!(
                "The service answered {status} to {route}, so it has acted; its reply cannot be read: {problem}."
            ),
        };
        match &self.refusal {
            Some(refusal) => format!("{text} {}", refusal.ways()),
            None => text,
        }
    }

    pub(crate) fn is_about_tls(&self) -> bool {
        self.about == About::Tls
    }

    /// Whether the connection ended before a reply.
    pub(crate) fn is_about_its_end(&self) -> bool {
        self.about == About::End
    }

    /// Builds the error from the innermost cause, which says what happened. The outer causes repeat "client error".
    pub(super) fn of(error: &hyper_util::client::legacy::Error, tls: &Tls) -> Self {
        if let Some(meaning) = tls::cause(error).and_then(|cause| tls.meaning(cause)) {
            // A handshake that fails comes before the request, though a peer may report it only afterwards.
            return Self { about: About::Tls, ..Self::unsent(meaning) };
        }
        let mut cause: &(dyn std::error::Error + 'static) = error;
        let mut about = About::Other;
        while let Some(inner) = cause.source() {
            let is_reset = |error: &io::Error| {
                matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
            };
            if inner.downcast_ref().is_some_and(hyper::Error::is_incomplete_message)
                || inner.downcast_ref().is_some_and(is_reset)
            {
                about = About::End;
            }
            cause = inner;
        }
        let acted = if error.is_connect() { Acted::No } else { Acted::Perhaps };
        Self { problem: cause.to_string(), acted, about, refusal: None }
    }
}

impl From<TlsError> for SendError {
    fn from(error: TlsError) -> Self {
        Self::unsent(error.to_string())
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)?;
        self.refusal.as_ref().map_or(Ok(()), |refusal| write!(f, ". {}", refusal.ways()))
    }
}

impl std::error::Error for SendError {}
