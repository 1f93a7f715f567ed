use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use rmcp::service::{ClientInitializeError, ServiceError};

/// Why the client could not do what it was asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientError {
    /// The program did not start.
    Spawn {
        /// What should have started.
        program: PathBuf,
        /// Why it did not.
        cause: io::Error,
    },
    /// The server did not greet back as the protocol asks.
    Greeting {
        /// What went wrong.
        cause: Box<ClientInitializeError>,
        /// What the program said on stderr.
        stderr: String,
    },
    /// The server answered a request with an error of the protocol, or went away.
    Request {
        /// What was asked.
        asked: String,
        /// What came instead; [`ServiceError::McpError`] holds the server's own words.
        cause: ServiceError,
    },
    /// The server did not answer in time.
    Silent {
        /// What was asked.
        asked: String,
    },
    /// The list of tools goes on for more pages than any list has.
    EndlessPages,
    /// The arguments of a call are no object.
    Arguments {
        /// The tool that was called.
        tool: String,
    },
    /// The task that carries the connection ended in a panic.
    Ended,
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spawn { program, cause } => write!(f, "{} did not start: {cause}", program.display()),
            Self::Greeting { cause, stderr } if stderr.is_empty() => {
                write!(f, "the server did not greet back: {cause}")
            }
            Self::Greeting { cause, stderr } => {
                write!(f, "the server did not greet back: {cause}; it said on stderr:\n{stderr}")
            }
            Self::Request { asked, cause } => write!(f, "{asked} failed: {cause}"),
            Self::Silent { asked } => write!(f, "the server did not answer in time: {asked}"),
            Self::EndlessPages => f.write_str("the list of tools has no last page"),
            Self::Arguments { tool } => write!(f, "the arguments of {tool} are no object"),
            Self::Ended => f.write_str("the connection ended in a panic"),
        }
    }
}

impl Error for ClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Spawn { cause, .. } => Some(cause),
            Self::Greeting { cause, .. } => Some(cause.as_ref()),
            Self::Request { cause, .. } => Some(cause),
            _ => None,
        }
    }
}
