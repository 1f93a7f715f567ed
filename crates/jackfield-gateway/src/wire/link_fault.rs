//! Why a request to another server got no answer.

use std::fmt;
use std::time::Duration;

use jackfield_runtime::Principal;

use super::incoming::AnsweredError;

/// The maximum number of bytes of a message from a server.
pub(crate) const MOST_BYTES: usize = 16 * 1024 * 1024;

/// How long a server may take to end, and to answer a cancellation.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// Why a request got no answer that can be used.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LinkFault {
    /// Nothing was sent.
    Unsent(String),
    /// The owner of the session has no account that can be used, so nothing was sent.
    NoAccount(NoAccount),
    /// The server has not answered in time.
    Late(Duration),
    /// The connection ended while the request waited.
    Ended(String),
    /// The server sent a message beyond the limit.
    TooLarge,
    /// The server no longer knows the session, and has not acted on the request.
    SessionEnded,
    /// The reply is not a message.
    Unreadable(String),
    /// The server refused the request with a status of HTTP. It was sent.
    Refused(u16, String),
    /// The server answered with an error.
    Answered(AnsweredError),
}

/// A caller without an account that can be used.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NoAccount {
    pub(crate) owner: Principal,
    /// Why the account that was connected cannot be used, if there is one.
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
