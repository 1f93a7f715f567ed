//! The cache of recently verified tokens. With it, the next requests of a client need a digest instead of a
//! signature check.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::token_digest::TokenDigest;
use crate::common::identity::Identity;

/// The maximum number of cached tokens. Each token takes a few hundred bytes.
const MAX_TOKENS: usize = 4096;

/// Verified tokens by their SHA-256 digest.
#[derive(Default)]
pub(super) struct VerifiedTokens(Mutex<HashMap<TokenDigest, Verified>>);

struct Verified {
    identity: Identity,
    end: u64,
    /// The number of the key set that verified the token. If the key set has changed since, the token is verified
    /// again.
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
            // A full cache is cleared. Only valid tokens are cached, so this is rare, and it only costs another
            // verification of each token.
            if known.len() >= MAX_TOKENS {
                known.clear();
            }
        }
        known.insert(digest, Verified { identity, end, keys });
    }
}
