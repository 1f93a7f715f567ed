//! The keys of cached replies: everything on which a reply may depend.

use sha2::{Digest as _, Sha256};

use crate::auth::Authorized;
use crate::call::outgoing::Outgoing;

/// Headers whose values differ from call to call. Replies that vary by them are not cached.
pub(super) const OF_ONE_CALL: [&str; 2] = ["traceparent", "tracestate"];

/// The digest of a caller, its credentials, and a request with every header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CacheKey([u8; 32]);

impl CacheKey {
    /// Computes the key. Returns `None` if a signer adds its own credentials, which may change without notice.
    pub(super) fn of(salt: &[u8; 32], outgoing: &Outgoing, authorized: &Authorized<'_>) -> Option<Self> {
        let mut digest = Sha256::new();
        digest.update(salt);
        let mut field = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_le_bytes());
            digest.update(bytes);
        };
        field(authorized.principal().to_string().as_bytes());
        if !authorized.feed(&mut field) {
            return None;
        }
        let is_of_one_call = |name: &str| OF_ONE_CALL.iter().any(|known| name.eq_ignore_ascii_case(known));
        outgoing.feed(&mut field, is_of_one_call);
        Some(Self(digest.finalize().into()))
    }

    #[cfg(test)]
    pub(super) const fn numbered(number: u8) -> Self {
        Self([number; 32])
    }
}
