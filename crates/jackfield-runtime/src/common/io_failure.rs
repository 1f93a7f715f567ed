//! I/O errors that can be cloned and compared.

use std::fmt;
use std::io;

/// An I/O error that can be cloned and compared: its kind, and the message of the operating system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IoFailure {
    kind: io::ErrorKind,
    text: String,
}

impl IoFailure {
    pub(crate) const fn kind(&self) -> io::ErrorKind {
        self.kind
    }
}

impl From<io::Error> for IoFailure {
    fn from(error: io::Error) -> Self {
        Self { kind: error.kind(), text: error.to_string() }
    }
}

impl fmt::Display for IoFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for IoFailure {}
