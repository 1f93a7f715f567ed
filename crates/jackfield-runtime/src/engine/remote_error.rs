//! Errors of other MCP servers.

use std::fmt;

use super::outcome_code::OutcomeCode;

/// An error of another MCP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteError {
    server: String,
    problem: RemoteProblem,
}

/// The problem of another MCP server. Each text continues a sentence about the server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemoteProblem {
    /// The server cannot be reached, so nothing was sent.
    Down(String),
    /// The server has not answered in time. It may have acted.
    NoAnswer(String),
    /// The connection ended before the server answered. The server may have acted.
    Ended(String),
    /// The server has answered, and the answer cannot be used.
    Unreadable(String),
    /// The server answered with a JSON-RPC error.
    Answered {
        /// The code of the error.
        code: i64,
        /// The message of the error.
        message: String,
    },
}

impl RemoteError {
    /// Creates the error of a server.
    pub fn new(server: impl Into<String>, problem: RemoteProblem) -> Self {
        Self { server: server.into(), problem }
    }

    /// Returns the problem.
    pub const fn problem(&self) -> &RemoteProblem {
        &self.problem
    }

    pub(super) const fn code(&self) -> OutcomeCode {
        match self.problem {
            RemoteProblem::Down(_) => OutcomeCode::UpstreamDown,
            RemoteProblem::NoAnswer(_) | RemoteProblem::Ended(_) => OutcomeCode::NoAnswer,
            RemoteProblem::Unreadable(_) => OutcomeCode::UnreadableReply,
            RemoteProblem::Answered { .. } => OutcomeCode::Refused,
        }
    }
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PERHAPS: &str = "It may or may not have acted: read the current state before calling it again.";
        let server = &self.server;
        match &self.problem {
            RemoteProblem::Down(why) => {
                write!(f, "The server `{server}` cannot be called: {why}. Nothing was sent.")
            }
            RemoteProblem::NoAnswer(why) | RemoteProblem::Ended(why) => {
                write!(f, "The server `{server}` gave no answer: {why}. {PERHAPS}")
            }
            RemoteProblem::Unreadable(why) => {
                write!(f, "The answer of the server `{server}` cannot be used: {why}. {PERHAPS}")
            }
            RemoteProblem::Answered { code, message } => {
                write!(f, "The server `{server}` answered with the error {code}: {message}")
            }
        }
    }
}

impl std::error::Error for RemoteError {}
