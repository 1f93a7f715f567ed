//! Digests of the material from which texts were written.

use jackfield_build::model::hex_encode;
use sha2::{Digest as _, Sha256};

/// Returns the SHA-256 digest of a sequence of parts, such as `sha256:2c26…`. The sequences `a`, `bc` and `ab`, `c` have different digests.
pub(super) fn of<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    format!("sha256:{}", hex_encode(&hasher.finalize()))
}
