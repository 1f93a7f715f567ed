use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use rmcp::service::{ClientInitializeError, ServiceError};

/// The reason why an operation of the client failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientError {
    /// The program did not start.
    Spawn {
        /// The program.
        program: PathBuf,
        /// The error of the operating system.
        cause: io::Error,
    },
    /// The connection could not be established.
    Greeting {
        /// The cause.
        cause: Box<ClientInitializeError>,
        /// The stderr of the program.
        stderr: String,
    },
    /// The server responded with a protocol error, or closed the connection.
    Request {
        /// The request.
        asked: String,
        /// The error. [`ServiceError::McpError`] contains the server's message.
        cause: ServiceError,
    },
    /// The server did not answer in time.
    Silent {
        /// The request.
        asked: String,
    },
    /// The list of tools has no last page.
    EndlessPages,
    /// The arguments of a call are not an object.
    Arguments {
        /// The tool.
        tool: String,
    },
    /// The task that handles the connection panicked.
    Ended,
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spawn { program, cause } => write!(f, "{} did not start: {cause}", program.display()),
            Self::Greeting { cause, stderr } if stderr.is_empty() => {
                write!(f, "connecting to the server failed: {cause}")
            }
            Self::Greeting { cause, stderr } => {
                write!(f, "connecting to the server failed: {cause}; its stderr:\n{stderr}")
            }
            Self::Request { asked, cause } => write!(f, "{asked} failed: {cause}"),
            Self::Silent { asked } => write!(f, "the server did not answer in time: {asked}"),
            Self::EndlessPages => f.write_str("the list of tools has no last page"),
            Self::Arguments { tool } => write!(f, "the arguments of {tool} are not an object"),
            Self::Ended => f.write_str("the task of the connection panicked"),
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
