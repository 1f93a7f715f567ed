//! Reads secrets from a file or from the output of a command.

use std::fmt;
use std::path::Path;

use super::io_failure::IoFailure;
use super::secret::Secret;

/// The maximum size of a secret. A certificate chain has a few thousand bytes.
pub(crate) const MAX_SECRET_BYTES: u64 = 1024 * 1024;

/// The reason why a text cannot be a secret, displayed as text that follows the name of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretTextError {
    Unreadable(IoFailure),
    TooLong,
    NotText,
    Empty,
}

impl fmt::Display for SecretTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Self::TooLong => write!(f, "is longer than {MAX_SECRET_BYTES} bytes"),
            Self::NotText => f.write_str("is not UTF-8 text"),
            Self::Empty => f.write_str("is empty"),
        }
    }
}

impl std::error::Error for SecretTextError {}

impl From<std::io::Error> for SecretTextError {
    fn from(error: std::io::Error) -> Self {
        Self::Unreadable(error.into())
    }
}

/// Reads a file as a secret, without the line break at its end.
pub(crate) fn read_file(path: &Path) -> Result<Secret, SecretTextError> {
    use std::io::Read as _;
    let file = std::fs::File::open(path)?;
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    file.take(MAX_SECRET_BYTES + 1).read_to_end(&mut bytes)?;
    read_bytes(&bytes)
}

/// Converts bytes to a secret, without the line break at their end.
pub(crate) fn read_bytes(bytes: &[u8]) -> Result<Secret, SecretTextError> {
    if bytes.len() as u64 > MAX_SECRET_BYTES {
        return Err(SecretTextError::TooLong);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| SecretTextError::NotText)?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(SecretTextError::Empty),
        text => Ok(Secret::new(text.to_owned())),
    }
}
