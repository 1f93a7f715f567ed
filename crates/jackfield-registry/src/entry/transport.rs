//! Transports of the protocol.

use std::fmt;

use super::error::EntryError;
use super::input::{NamedInput, named_inputs};
use super::node::{NAME, Node, URL};

/// The maximum number of headers of a transport.
const MOST_HEADERS: usize = 50;

/// The transport of a package or of a remote server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transport {
    /// The kind.
    pub kind: TransportKind,
    /// The URL, in which `{name}` stands for a variable. Only transports over HTTP have one.
    pub url: Option<String>,
    /// The headers that the server wants.
    pub headers: Vec<NamedInput>,
}

/// The kind of a transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportKind {
    /// Over the standard input and output of a process.
    Stdio,
    /// Over HTTP.
    StreamableHttp,
    /// Over HTTP, in the way that the protocol gave up in 2025.
    Sse,
    /// A kind that this version does not know.
    Other(String),
}

impl TransportKind {
    /// Returns the name of the kind in `server.json`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Stdio => "stdio",
            Self::StreamableHttp => "streamable-http",
            Self::Sse => "sse",
            Self::Other(other) => other,
        }
    }
}

impl fmt::Display for TransportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Transport {
    pub(super) fn parse(node: &Node<'_>) -> Result<Self, EntryError> {
        let kind = match node.required("type", NAME)?.as_str() {
            "stdio" => TransportKind::Stdio,
            "streamable-http" => TransportKind::StreamableHttp,
            "sse" => TransportKind::Sse,
            other => TransportKind::Other(other.to_owned()),
        };
        let url = match kind {
            TransportKind::StreamableHttp | TransportKind::Sse => Some(node.required("url", URL)?),
            TransportKind::Stdio | TransportKind::Other(_) => node.text("url", URL)?,
        };
        Ok(Self { kind, url, headers: named_inputs(node, "headers", MOST_HEADERS)? })
    }
}
