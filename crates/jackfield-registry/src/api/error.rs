//! Errors of the API.

use std::fmt;
use std::time::Duration;

/// The reason why a registry gave no usable answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiError {
    /// It cannot be reached.
    Unreachable(String),
    /// It has not answered in time.
    Late(Duration),
    /// It redirects to another address.
    Redirected(String),
    /// It asks to wait.
    Busy {
        /// The status of the answer.
        status: u16,
        /// How long to wait.
        wait: Duration,
    },
    /// It answered with another status.
    Status {
        /// The status.
        status: u16,
        /// The message of the registry.
        message: String,
    },
    /// It does not know the server or the version.
    NotFound,
    /// The answer is larger than the limit, in bytes.
    TooLarge(usize),
    /// The answer is not in the format of the API.
    Malformed(String),
    /// The pages do not end.
    EndlessPages(String),
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(reason) => write!(f, "the registry cannot be reached: {reason}"),
            Self::Late(limit) => {
                write!(f, "the registry has not answered within {} seconds", limit.as_secs())
            }
            Self::Redirected(to) => write!(
                f,
                "the registry redirects to {to:?}, which is not followed; if you trust that address, use it as the address \
                 of the registry"
            ),
            Self::Busy { status, wait } => write!(
                f,
                "the registry asks to wait (status {status}); try again in {} seconds",
                wait.as_secs()
            ),
            Self::Status { status, message } if message.is_empty() => {
                write!(f, "the registry answered with status {status}")
            }
            Self::Status { status, message } => {
                write!(f, "the registry answered with status {status}: {message}")
            }
            Self::NotFound => f.write_str("the registry does not have this server or version"),
            Self::TooLarge(most) => {
                write!(f, "the answer of the registry is larger than {} MB", most / (1024 * 1024))
            }
            Self::Malformed(reason) => write!(f, "the answer of the registry cannot be read: {reason}"),
            Self::EndlessPages(reason) => write!(f, "the pages of the registry do not end: {reason}"),
        }
    }
}

impl std::error::Error for ApiError {}
