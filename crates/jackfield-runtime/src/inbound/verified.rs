//! Cache of recently verified tokens, so that a client's next requests need a digest instead of a signature
//! check.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::token_digest::TokenDigest;
use crate::common::identity::Identity;

/// The maximum number of cached tokens. Each takes a few hundred bytes.
const MAX_TOKENS: usize = 4096;

/// Verified tokens by their SHA-256 digest.
#[derive(Default)]
pub(super) struct VerifiedTokens(Mutex<HashMap<TokenDigest, Verified>>);

struct Verified {
    identity: Identity,
    end: u64,
    /// The number of the key set that verified the token. A token of an older set is verified again.
    keys: u64,
}

impl VerifiedTokens {
    pub(super) fn find(&self, digest: &TokenDigest, keys: u64, now: u64) -> Option<Identity> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(digest).filter(|it| it.keys == keys && now < it.end).map(|it| it.identity.clone())
    }

    pub(super) fn add(&self, digest: TokenDigest, identity: Identity, end: u64, keys: u64, now: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_TOKENS {
            known.retain(|_, it| it.keys == keys && now < it.end);
            // The cache is cleared when it is full. Only valid tokens get here, so this is rare, and the
            // only cost is to verify them again.
            if known.len() >= MAX_TOKENS {
                known.clear();
            }
        }
        known.insert(digest, Verified { identity, end, keys });
    }
}
