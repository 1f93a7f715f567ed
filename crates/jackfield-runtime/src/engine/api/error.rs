//! Why a call got no reply.

use std::fmt;

use crate::auth::{AuthError, OriginNotPermitted};
use crate::call::args::ArgError;
use crate::call::schema::ArgumentsError;
use crate::call::server_error::ServerError;
use crate::engine::admission::AdmissionError;
use crate::transport::destinations::RefusedDestination;
use crate::transport::error::SendError;

/// A call that got no reply. Every text is fit for a model to read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CallError {
    /// The arguments do not fit the input schema. Nothing was sent.
    Arguments(ArgumentsError),
    /// An argument cannot be put into the request. Nothing was sent.
    Bind(ArgError),
    /// The call lacks credentials. Nothing was sent.
    Auth(AuthError),
    /// Credentials may not go where it would go. Nothing was sent.
    Withheld(OriginNotPermitted),
    /// It is not known where to send it. Nothing was sent.
    Base(ServerError),
    /// Too many calls are in flight, or they hold too many bytes. Nothing was sent.
    Busy(AdmissionError),
    /// Its time was over while this was done. Nothing was sent.
    Late(&'static str),
    /// The address is more private than the user has allowed. Nothing was sent.
    Private(RefusedDestination),
    /// It was sent, or tried to, and nothing came back.
    Send {
        /// Method and path.
        route: String,
        /// Why.
        error: SendError,
    },
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments(error) => error.fmt(f),
            Self::Withheld(why) => write!(f, "{why} Nothing was sent."),
            Self::Private(refusal) => write!(f, "{refusal}\nNothing was sent."),
            Self::Bind(error) => write!(f, "The argument {error}; nothing was sent."),
            Self::Auth(error) => write!(f, "There are {error}."),
            Self::Busy(why) => write!(f, "The call was not made: {why}. Nothing was sent."),
            Self::Late(phase) => {
                write!(
                    f,
                    "The call took longer than it may: its time was over while {phase}. Nothing was sent."
                )
            }
            Self::Base(error) => write!(f, "The request has no address: {error}. Nothing was sent."),
            Self::Send { route, error } => f.write_str(&error.describe(route)),
        }
    }
}

impl std::error::Error for CallError {}

/// A signer for a scheme that the connector does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchScheme {
    pub(super) scheme: String,
    pub(super) known: Vec<&'static str>,
}

impl fmt::Display for NoSuchScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no scheme `{}` to sign for; there is {}", self.scheme, self.known.join(", "))
    }
}

impl std::error::Error for NoSuchScheme {}
