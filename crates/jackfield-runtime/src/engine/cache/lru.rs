//! Cached replies by key. The least recently used replies are evicted first.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::area::Area;
use super::key::CacheKey;
use super::limits::CacheLimits;
use super::stored::StoredReply;

/// Cached replies, limited in number and bytes.
#[derive(Default)]
pub(super) struct Lru {
    replies: HashMap<CacheKey, Kept>,
    /// The keys by the time of their last use.
    uses: BTreeMap<u64, CacheKey>,
    bytes: usize,
    clock: u64,
}

struct Kept {
    reply: Arc<StoredReply>,
    used: u64,
}

impl Lru {
    pub(super) fn get(&mut self, key: &CacheKey) -> Option<Arc<StoredReply>> {
        let kept = self.replies.get_mut(key)?;
        self.uses.remove(&kept.used);
        self.clock += 1;
        kept.used = self.clock;
        self.uses.insert(self.clock, *key);
        Some(Arc::clone(&kept.reply))
    }

    /// Adds a reply, and evicts the least recently used replies until the limits are met.
    pub(super) fn put(&mut self, key: CacheKey, reply: StoredReply, limits: CacheLimits) {
        self.remove(&key);
        self.clock += 1;
        self.bytes += reply.bytes;
        self.uses.insert(self.clock, key);
        self.replies.insert(key, Kept { reply: Arc::new(reply), used: self.clock });
        while self.bytes > limits.bytes || self.replies.len() > limits.replies {
            let Some((_, oldest)) = self.uses.pop_first() else { break };
            self.forget(&oldest);
        }
    }

    pub(super) fn remove(&mut self, key: &CacheKey) {
        if let Some(kept) = self.forget(key) {
            self.uses.remove(&kept.used);
        }
    }

    fn forget(&mut self, key: &CacheKey) -> Option<Kept> {
        let kept = self.replies.remove(key)?;
        self.bytes -= kept.reply.bytes;
        Some(kept)
    }

    /// Marks all replies of an area as stale. Replies that cannot be revalidated are removed.
    pub(super) fn expire(&mut self, area: Area) {
        let mut useless = Vec::new();
        for (key, Kept { reply, .. }) in self.replies.iter().filter(|(_, kept)| kept.reply.area == area) {
            reply.expire();
            if reply.validators.condition().is_none() {
                useless.push(*key);
            }
        }
        useless.iter().for_each(|key| self.remove(key));
    }
}

#[cfg(test)]
impl Lru {
    pub(super) fn len(&self) -> usize {
        assert_eq!(self.replies.len(), self.uses.len());
        assert_eq!(self.bytes, self.replies.values().map(|kept| kept.reply.bytes).sum::<usize>());
        self.replies.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.replies.is_empty() && self.bytes == 0
    }
}
