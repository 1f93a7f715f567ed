use std::fmt;

use jackfield_model::hex_encode;
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest of a list of byte strings. The digest depends on where each byte string ends: `ab`, `c` and `a`,
/// `bc` have different digests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest(String);

impl Digest {
    /// Returns the digest of these parts in this order.
    pub fn of<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(hex_encode(&hasher.finalize()))
    }

    /// Returns the digest of the bytes alone, as `sha256sum` computes it.
    pub fn plain(bytes: &[u8]) -> Self {
        Self(hex_encode(&Sha256::digest(bytes)))
    }

    /// Returns all 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the first hexadecimal digits.
    pub fn short(&self, digits: usize) -> &str {
        &self.0[..digits.min(self.0.len())]
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
