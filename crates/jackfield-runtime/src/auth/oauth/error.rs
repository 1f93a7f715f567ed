//! The error of OAuth operations: the reason why no token was obtained, and the remedy.

use std::fmt;

use crate::auth::Missing;

/// The reason why no token was obtained, and the remedy. The text contains no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    /// The problem, including the endpoint where it occurred.
    problem: String,
    /// The remedy, as text that follows "the user has to".
    remedy: String,
}

impl OAuthError {
    pub(crate) fn new(problem: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        Self { problem: problem.to_string(), remedy: remedy.to_string() }
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. The user has to {}", self.problem, self.remedy)
    }
}

impl std::error::Error for OAuthError {}

impl From<OAuthError> for Missing {
    fn from(error: OAuthError) -> Self {
        Self { remedy: format!("{} ({})", error.remedy, error.problem) }
    }
}
