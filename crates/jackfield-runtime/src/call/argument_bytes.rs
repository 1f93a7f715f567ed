//! Binary data in an argument.

use std::sync::Arc;

use crate::common::spool::Spooled;

/// The bytes in an argument, with their media type and file name.
#[derive(Default)]
pub(crate) struct ArgumentBytes {
    pub(crate) bytes: ContentBytes,
    /// The media type. Empty if the argument does not declare a media type.
    pub(crate) media_type: String,
    pub(crate) file_name: Option<String>,
}

/// Bytes in memory, or a copy of a large file on disk.
#[derive(Debug)]
pub(crate) enum ContentBytes {
    Memory(Vec<u8>),
    Spooled(Arc<Spooled>),
}

impl Default for ContentBytes {
    fn default() -> Self {
        Self::Memory(Vec::new())
    }
}

impl From<Vec<u8>> for ContentBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Memory(bytes)
    }
}

/// Bytes on disk are never equal to anything, because they are not read.
#[cfg(test)]
impl<T: AsRef<[u8]>> PartialEq<T> for ContentBytes {
    fn eq(&self, other: &T) -> bool {
        matches!(self, Self::Memory(bytes) if bytes == other.as_ref())
    }
}
