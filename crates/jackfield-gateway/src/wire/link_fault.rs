//! The errors of requests to another server.

use std::fmt;
use std::time::Duration;

use jackfield_runtime::Principal;

use super::incoming::AnsweredError;

/// The maximum number of bytes of a message from a server.
pub(crate) const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The time that a server gets to exit, or to accept a message that the gateway does not depend on.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// The reason why a request failed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LinkFault {
    /// The request was not sent.
    Unsent(String),
    /// The owner of the session does not have a usable account.
    NoAccount(NoAccount),
    /// The server has not answered within this timeout.
    Late(Duration),
    /// The request was sent, and the connection ended before the response.
    Ended(String),
    /// The server sent a message of more than `MOST_BYTES`.
    TooLarge,
    /// The server does not know the session any more, and has not acted on the request.
    SessionEnded,
    /// The response cannot be understood.
    Unreadable(String),
    /// The server refused the request with this HTTP status.
    Refused(u16, String),
    /// The server answered with an error.
    Answered(AnsweredError),
}

/// A caller without a usable account.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NoAccount {
    pub(crate) owner: Principal,
    /// The reason why the connected account cannot be used. `None` if the caller has not connected an account.
    pub(crate) why: Option<String>,
}

impl fmt::Display for LinkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsent(why) | Self::Ended(why) | Self::Unreadable(why) => f.write_str(why),
            Self::NoAccount(NoAccount { why, .. }) => {
                f.write_str(why.as_deref().unwrap_or("the caller has not connected an account"))
            }
            Self::Late(limit) => {
                write!(f, "it has not answered within {} seconds", limit.as_secs_f32().ceil())
            }
            Self::TooLarge => write!(f, "it sent a message of more than {} MB", MOST_BYTES >> 20),
            Self::SessionEnded => f.write_str("it no longer knows the session"),
            Self::Refused(status, why) => write!(f, "it answered with status {status}: {why}"),
            Self::Answered(error) => {
                write!(f, "it answered with the error {}: {}", error.code, error.message)
            }
        }
    }
}
