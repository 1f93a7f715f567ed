//! The body of a complete request: bytes in memory, or pieces, some of which are files on disk.

use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use jackfield_recipe::hex_encode;

use crate::call::argument_bytes::ContentBytes;
use crate::common::spool::Spooled;

/// The body of a complete request. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) enum OutgoingBody {
    Whole(Bytes),
    /// The body contains a large file, so it is read while the request is sent.
    Pieces(Arc<[Piece]>),
}

/// A piece of a body.
#[derive(Debug)]
pub(crate) enum Piece {
    Bytes(Bytes),
    File(Arc<Spooled>),
}

impl Piece {
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(file) => file.length(),
        }
    }
}

impl OutgoingBody {
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Pieces(pieces) => pieces.iter().map(Piece::length).sum(),
        }
    }

    /// Whether the body is read while the request is sent.
    pub(crate) const fn is_streamed(&self) -> bool {
        matches!(self, Self::Pieces(_))
    }

    /// Reads the whole body into memory.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        let pieces = match self {
            Self::Whole(bytes) => return Ok(bytes.to_vec()),
            Self::Pieces(pieces) => pieces,
        };
        let mut all = Vec::new();
        for piece in pieces.iter() {
            match piece {
                Piece::Bytes(bytes) => all.extend_from_slice(bytes),
                Piece::File(file) => all.extend(file.read_at(0, usize::MAX)?),
            }
        }
        Ok(all)
    }

    /// Adds the body to the digest of its request. A file is represented by its length and its own digest.
    pub(crate) fn add_to(&self, field: &mut impl FnMut(&[u8])) {
        match self {
            Self::Whole(bytes) => {
                field(&[1]);
                field(bytes);
            }
            Self::Pieces(pieces) => {
                field(&[2]);
                field(&(pieces.len() as u64).to_le_bytes());
                for piece in pieces.iter() {
                    match piece {
                        Piece::Bytes(bytes) => {
                            field(&[0]);
                            field(bytes);
                        }
                        Piece::File(file) => {
                            field(&[1]);
                            field(&file.length().to_le_bytes());
                            field(file.sha256());
                        }
                    }
                }
            }
        }
    }
}

impl From<Bytes> for OutgoingBody {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(bytes)
    }
}

impl From<ContentBytes> for OutgoingBody {
    fn from(bytes: ContentBytes) -> Self {
        match bytes {
            ContentBytes::Memory(bytes) => Self::Whole(bytes.into()),
            ContentBytes::Spooled(file) => Self::Pieces([Piece::File(file)].into()),
        }
    }
}

/// Writes the body for a dry run. A large file is shown by its length and digest.
impl fmt::Display for OutgoingBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |bytes: &Bytes, f: &mut fmt::Formatter<'_>| f.write_str(&String::from_utf8_lossy(bytes));
        match self {
            Self::Whole(bytes) => show(bytes, f),
            Self::Pieces(pieces) => pieces.iter().try_for_each(|piece| match piece {
                Piece::Bytes(bytes) => show(bytes, f),
                Piece::File(file) => {
                    write!(f, "[{} bytes with SHA-256 {}]", file.length(), hex_encode(file.sha256()))
                }
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_digest_depends_on_the_content_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let body = |content: &str, after: &'static str| {
            let file = Spooled::copy(content.as_bytes(), 100, folder.path(), || false).unwrap();
            OutgoingBody::Pieces(
                [Piece::File(Arc::new(file)), Piece::Bytes(Bytes::from_static(after.as_bytes()))].into(),
            )
        };
        let digest = |body: OutgoingBody| {
            let mut fields = Vec::new();
            body.add_to(&mut |field| fields.push(field.to_vec()));
            fields
        };
        assert_eq!(digest(body("abc", "x")), digest(body("abc", "x")));
        for other in [body("abd", "x"), body("abc", "y"), body("ab", "cx"), Bytes::from("abcx").into()] {
            assert_ne!(digest(body("abc", "x")), digest(other));
        }
        assert_eq!(body("abc", "x").length(), 4);
        assert!(body("abc", "x").to_string().starts_with("[3 bytes with SHA-256 ba7816bf"));
    }
}
