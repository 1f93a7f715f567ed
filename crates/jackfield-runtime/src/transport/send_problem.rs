//! The problems of requests that got no usable reply.

use std::fmt;
use std::path::PathBuf;

use super::authenticate::SigningError;
use super::connect::RefusedAddress;
use super::destinations::RefusedDestination;
use super::tls::TlsError;
use crate::call::args::ArgError;
use crate::call::downloads::SaveProblem;
use crate::common::budget::BudgetExceeded;

/// The problem of a request that got no usable reply. The text is a part of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SendProblem {
    /// The deadline passed before credentials were available.
    LateCredentials,
    /// The deadline passed while a signer worked.
    LateSignature,
    /// The request cannot be written as HTTP. The cause is dropped, because it may quote a header that contains a
    /// secret.
    NotHttp,
    /// The URL of the request cannot be built from the arguments.
    Argument(ArgError),
    Signing(SigningError),
    /// The address is more private than the user has allowed.
    Refused(RefusedDestination),
    /// The address must not be called, and the URL has no origin that the user could allow.
    RefusedAddress(RefusedAddress),
    Tls(TlsError),
    /// The TLS handshake failed. Contains the explanation for the user.
    Handshake(String),
    /// The connection ended before a reply. Contains the message of the connection.
    ConnectionEnded(String),
    /// The connection failed for another reason. Contains the message of the connection.
    Connection(String),
    /// The Unix socket cannot be used. Contains the message of the system.
    Socket {
        path: PathBuf,
        cause: String,
    },
    /// This machine does not support Unix sockets.
    #[cfg_attr(unix, expect(dead_code, reason = "only other systems have no sockets"))]
    NoSockets(PathBuf),
    /// The proxy cannot be used. Contains the explanation for the user.
    Proxy(String),
    /// No connection was ready in time.
    ConnectTimeout {
        seconds: u64,
    },
    /// The service accepted no more bytes of the request for this long.
    UploadStalled {
        seconds: u64,
    },
    /// No answer was received in time.
    NoAnswer {
        seconds: u64,
    },
    Reply(ReplyProblem),
}

/// The problem of a reply that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ReplyProblem {
    /// The connection ended within the body. Contains the message of the connection.
    Interrupted(String),
    /// The body stalled for this long.
    Stalled {
        seconds: u64,
    },
    /// The deadline passed before the end of the body.
    Late,
    /// The deadline passed while the body was decoded.
    LateDecoding,
    /// The deadline passed while the body was read.
    LateReading,
    TooLong {
        limit: usize,
    },
    /// A compressed body that cannot be decoded.
    Undecodable(String),
    /// The service sent a range of the body that was not requested.
    OtherRange,
    /// The reply could not be stored in a file.
    Save(SaveProblem),
    /// All calls together have reached the byte limit.
    TooMuch(BudgetExceeded),
}

impl fmt::Display for SendProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LateCredentials => {
                f.write_str("the request timed out before its credentials were available")
            }
            Self::LateSignature => f.write_str("the request timed out while it was being signed"),
            Self::NotHttp => f.write_str(
                "the request cannot be written as HTTP: a name or value in it is not allowed there",
            ),
            Self::Argument(error) => error.fmt(f),
            Self::Signing(error) => error.fmt(f),
            Self::Refused(refusal) => f.write_str(&refusal.what()),
            Self::RefusedAddress(address) => address.fmt(f),
            Self::Tls(error) => error.fmt(f),
            Self::Handshake(text)
            | Self::Proxy(text)
            | Self::ConnectionEnded(text)
            | Self::Connection(text) => f.write_str(text),
            Self::Socket { path, cause } => {
                write!(f, "the socket {} cannot be used: {cause}", path.display())
            }
            Self::NoSockets(path) => {
                write!(f, "cannot connect to {}: this machine has no Unix sockets", path.display())
            }
            Self::ConnectTimeout { seconds } => write!(f, "no connection within {seconds} seconds"),
            Self::UploadStalled { seconds } => write!(f, "the upload stalled for {seconds} seconds"),
            Self::NoAnswer { seconds } => write!(f, "no answer within {seconds} seconds"),
            Self::Reply(problem) => problem.fmt(f),
        }
    }
}

impl fmt::Display for ReplyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted(cause) => write!(f, "the reply was interrupted: {cause}"),
            Self::Stalled { seconds } => write!(f, "the reply stalled for {seconds} seconds"),
            Self::Late => f.write_str("the reply did not end in time"),
            Self::LateDecoding => f.write_str("the reply could not be decoded in time"),
            Self::LateReading => f.write_str("the deadline passed before the reply was read"),
            Self::TooLong { limit } => write!(f, "the reply is longer than {limit} bytes"),
            Self::Undecodable(cause) => write!(f, "the reply cannot be decoded: {cause}"),
            Self::OtherRange => f.write_str("the service sent a range of the reply that was not requested"),
            Self::Save(problem) => problem.fmt(f),
            Self::TooMuch(exceeded) => exceeded.fmt(f),
        }
    }
}

impl From<ReplyProblem> for SendProblem {
    fn from(problem: ReplyProblem) -> Self {
        Self::Reply(problem)
    }
}

impl From<SaveProblem> for ReplyProblem {
    fn from(problem: SaveProblem) -> Self {
        Self::Save(problem)
    }
}
