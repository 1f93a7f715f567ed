//! Caches the search patterns of recent secrets. Most calls use the same credential as the previous call, and building the
//! patterns takes longer than searching a short reply.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_vault::Secret;

use super::needle::Needle;

/// The maximum number of cached secrets. Most connectors have fewer. A cached secret stays in memory until other secrets evict
/// it.
const MOST_SECRETS: usize = 8;

/// The search patterns of recent secrets with their secrets, the oldest first.
#[derive(Default)]
pub(crate) struct NeedleCache(Mutex<VecDeque<(Secret, Arc<[Needle]>)>>);

impl NeedleCache {
    /// Returns the search patterns of a secret. `make` builds the patterns if they are not cached.
    pub(super) fn of(&self, secret: &Secret, make: impl FnOnce() -> Arc<[Needle]>) -> Arc<[Needle]> {
        if let Some((_, needles)) = self.lock().iter().find(|(known, _)| known == secret) {
            return Arc::clone(needles);
        }
        let needles = make();
        let mut known = self.lock();
        if known.len() == MOST_SECRETS {
            known.pop_front();
        }
        known.push_back((secret.clone(), Arc::clone(&needles)));
        needles
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Secret, Arc<[Needle]>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks up a secret, and returns whether its search patterns had to be built.
    fn is_made(cache: &NeedleCache, text: &str) -> bool {
        let mut is_made = false;
        let secret = Secret::new(text.to_owned());
        cache.of(&secret, || {
            is_made = true;
            Arc::new([])
        });
        is_made
    }

    #[test]
    fn search_patterns_of_recent_secrets_are_built_once() {
        let cache = NeedleCache::default();
        let secrets: Vec<String> = (0..=MOST_SECRETS).map(|number| format!("canary-{number}")).collect();
        let (last, first) = secrets.split_last().unwrap();
        assert!(first.iter().all(|secret| is_made(&cache, secret)));
        assert!(!first.iter().any(|secret| is_made(&cache, secret)));
        assert!(is_made(&cache, last) && is_made(&cache, &secrets[0]), "the oldest secret is evicted");
        assert_eq!(cache.lock().len(), MOST_SECRETS);
    }
}
