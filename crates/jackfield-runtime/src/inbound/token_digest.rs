//! The digest under which a token is stored and looked up.

use ring::digest::{SHA256, digest};

/// The SHA-256 digest of a token.
pub(crate) type TokenDigest = [u8; 32];

/// Computes the digest of a token.
pub(crate) fn token_digest(token: &str) -> TokenDigest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    bytes
}
