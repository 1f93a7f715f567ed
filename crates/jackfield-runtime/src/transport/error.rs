//! The error of a request that got no usable reply.

use std::fmt;
use std::io;

use http::StatusCode;

use super::proxy::{ProxyError, ProxyProblem};
use super::send_problem::{ReplyProblem, SendProblem};
use super::timed_connector::ConnectTimeout;
use super::tls::{self, Tls, TlsError};
use crate::transport::destinations::RefusedDestination;
use crate::transport::redirect::Hop;

/// The error of a request that got no usable reply.
#[derive(Clone, Debug, PartialEq)]
pub struct SendError {
    problem: Box<SendProblem>,
    acted: Acted,
    /// Whether the error occurred after a redirect.
    is_redirected: bool,
    /// The number of requests of the call, including this request.
    attempts: u32,
    /// Whether the call only reads, so that it can always be repeated.
    is_read: bool,
}

/// Whether the service has acted on the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acted {
    No,
    Perhaps,
    /// The service confirmed the request with this status.
    Yes(StatusCode),
}

impl SendError {
    /// Creates the error of a request that was not sent, for example because the connection failed.
    pub(crate) fn unsent(problem: SendProblem) -> Self {
        Self { problem: problem.into(), acted: Acted::No, is_redirected: false, attempts: 1, is_read: false }
    }

    /// Creates the error of a request on which the service may have acted.
    pub(crate) fn unanswered(problem: SendProblem) -> Self {
        Self {
            problem: problem.into(),
            acted: Acted::Perhaps,
            is_redirected: false,
            attempts: 1,
            is_read: false,
        }
    }

    /// Creates the error of a request that the service confirmed with `status`, but whose reply cannot be read.
    pub(crate) fn unreadable(status: StatusCode, problem: ReplyProblem) -> Self {
        Self { acted: Acted::Yes(status), ..Self::unanswered(problem.into()) }
    }

    /// Returns the rule that forbids the address, if there is one.
    pub(crate) fn refusal(&self) -> Option<&RefusedDestination> {
        match &*self.problem {
            SendProblem::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Records the hop at which the error occurred. After a redirect, the service has already received the first
    /// request.
    pub(super) fn at(mut self, hop: &Hop) -> Self {
        if hop.number > 0 {
            self.acted = match (self.acted, hop.done(StatusCode::OK)) {
                (_, Some(_)) => Acted::Yes(StatusCode::SEE_OTHER),
                (Acted::No, None) => Acted::Perhaps,
                (acted, None) => acted,
            };
            self.is_redirected = true;
        }
        self
    }

    /// Records facts about the call: whether it only reads, and how many requests were sent. If `has_reached` is set, an earlier request
    /// reached the service, so the service may have acted on it.
    pub(crate) fn of_call(mut self, is_read: bool, attempts: u32, has_reached: bool) -> Self {
        (self.is_read, self.attempts) = (is_read, attempts);
        if has_reached && self.acted == Acted::No {
            self.acted = Acted::Perhaps;
        }
        self
    }

    /// Returns the number of requests of the call.
    pub(crate) const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Whether the service may have acted on the request.
    pub fn may_have_acted(&self) -> bool {
        self.acted != Acted::No
    }

    pub(crate) const fn acted(&self) -> Acted {
        self.acted
    }

    pub(crate) fn problem(&self) -> &SendProblem {
        &self.problem
    }

    /// Returns text that follows the problem in a message and says where the problem occurred.
    const fn place(&self) -> &'static str {
        if self.is_redirected { " after a redirect" } else { "" }
    }

    /// Returns the whole message, written for a model.
    pub(crate) fn describe(&self, route: &str) -> String {
        let problem = format!("{}{}", self.problem, self.place());
        let text = match self.acted {
            Acted::No => format!("No reply to {route}: {problem}. Nothing was sent."),
            Acted::Perhaps => {
                format!(
                    "No reply to {route}: {problem}. The service may or may not have acted on the request."
                )
            }
            Acted::Yes(status) => format!(
                "The service answered {status} to {route}, so the request took effect, but the reply cannot be read: {problem}."
            ),
        };
        let text = match (self.refusal(), self.remedy()) {
            (Some(refusal), _) => format!("{text} {}", refusal.ways()),
            (None, "") => text,
            (None, remedy) => format!("{text} {remedy}"),
        };
        let verb = if self.acted == Acted::No { "tried" } else { "sent" };
        if self.attempts > 1 { format!("{text} It was {verb} {} times.", self.attempts) } else { text }
    }

    /// Returns the next step for the model. The text is empty if the problem already names the next step.
    fn remedy(&self) -> &'static str {
        use SendProblem as P;
        match (&*self.problem, self.acted) {
            (P::Reply(ReplyProblem::TooMuch(_)), Acted::Yes(_)) if self.is_read => "",
            (P::Reply(ReplyProblem::TooLong { .. }), Acted::Yes(_)) if self.is_read => "Ask for less.",
            (_, Acted::Perhaps | Acted::Yes(_)) if self.is_read => "Call it again a little later.",
            (_, Acted::Perhaps) => "Read the current state before calling it again.",
            (_, Acted::Yes(_)) => "Do not repeat it: read the current state instead.",
            (P::Connection(_) | P::ConnectionEnded(_) | P::ConnectTimeout { .. } | P::Socket { .. }, _) => {
                "Call it again later; if that fails too, the user has to check the base URL and the network."
            }
            (P::LateCredentials | P::LateSignature | P::NoAnswer { .. }, _) => {
                "Call it again a little later."
            }
            (P::Handshake(_) | P::Proxy(_) | P::NoSockets(_), _) => {
                "Calling again will not help: the user has to correct this."
            }
            _ => "",
        }
    }

    pub(crate) fn is_about_tls(&self) -> bool {
        matches!(*self.problem, SendProblem::Handshake(_))
    }

    /// Whether the connection was closed before a reply arrived.
    pub(crate) fn is_about_its_end(&self) -> bool {
        matches!(*self.problem, SendProblem::ConnectionEnded(_))
    }

    /// Builds the error from the innermost cause, which says what happened. The outer causes only repeat
    /// "client error".
    pub(super) fn of(error: &hyper_util::client::legacy::Error, tls: &Tls) -> Self {
        if let Some(meaning) = tls::cause(error).and_then(|cause| tls.meaning(cause)) {
            // A failed handshake means that the request was not sent, even if the peer reports the failure later.
            return Self::unsent(SendProblem::Handshake(meaning));
        }
        let mut cause: &(dyn std::error::Error + 'static) = error;
        let mut has_ended = false;
        while let Some(inner) = cause.source() {
            let is_reset = |error: &io::Error| {
                matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
            };
            if let Some(proxy) = inner.downcast_ref::<ProxyError>() {
                let text = proxy.to_string();
                return Self::unsent(match proxy.problem {
                    ProxyProblem::Unreachable(_) | ProxyProblem::Refused(_) => SendProblem::Connection(text),
                    _ => SendProblem::Proxy(text),
                });
            }
            if let Some(ConnectTimeout { seconds }) = inner.downcast_ref() {
                return Self::unsent(SendProblem::ConnectTimeout { seconds: *seconds });
            }
            if inner.downcast_ref().is_some_and(hyper::Error::is_incomplete_message)
                || inner.downcast_ref().is_some_and(is_reset)
            {
                has_ended = true;
            }
            cause = inner;
        }
        let text = cause.to_string();
        let problem =
            if has_ended { SendProblem::ConnectionEnded(text) } else { SendProblem::Connection(text) };
        if error.is_connect() { Self::unsent(problem) } else { Self::unanswered(problem) }
    }
}

impl From<TlsError> for SendError {
    fn from(error: TlsError) -> Self {
        Self::unsent(SendProblem::Tls(error))
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.problem, self.place())?;
        self.refusal().map_or(Ok(()), |refusal| write!(f, ". {}", refusal.ways()))
    }
}

impl std::error::Error for SendError {}
