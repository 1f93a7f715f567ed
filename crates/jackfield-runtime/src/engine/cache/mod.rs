//! Caches replies in memory, each for one caller with one set of credentials (ADR 0057).

mod area;
mod directives;
mod key;
mod limits;
mod lru;
mod request;
mod stored;
mod validators;

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jackfield_recipe::Caching;

use self::area::Area;
use self::key::CacheKey;
use self::limits::CacheLimits;
use self::lru::Lru;
use self::request::is_cacheable;
use self::stored::StoredReply;
use crate::auth::Authorized;
use crate::call::outgoing::Outgoing;
use crate::call::rows::{Connector, Tool};
use crate::common::caller::Principal;
use crate::common::environment::{Environment, InvalidNumber};
use crate::common::random::random_bytes;
use crate::transport::reply::Reply;

/// The cached replies of one connector.
pub(crate) struct ReplyCache {
    limits: CacheLimits,
    /// A random value that is hashed into the keys. The keys depend on credentials, and must not be comparable with the keys of other
    /// processes.
    salt: [u8; 32],
    replies: Mutex<Lru>,
    /// The number of writes that have ended.
    writes: AtomicU64,
    areas: RandomState,
    /// The tools that read the status of a job, which changes without a write.
    status_tools: Mutex<HashSet<String>>,
}

/// The cache entry for one request, and the cached reply if there is one.
pub(crate) struct Lookup<'c> {
    cache: &'c ReplyCache,
    caching: Caching,
    key: CacheKey,
    area: Area,
    stored: Option<Arc<StoredReply>>,
    /// The number of writes that had ended before the request.
    writes: u64,
}

/// A write in progress. When this value is dropped, the caller's cached replies from the same origin become stale.
pub(crate) struct Write<'c> {
    cache: &'c ReplyCache,
    area: Area,
}

impl ReplyCache {
    /// Creates the cache of a connector. Returns `None` if no tool caches replies, or `<CONNECTOR>_CACHE` disables it.
    ///
    /// # Errors
    /// Returns an error instead of a cache if the variable is neither a number nor `off`.
    pub(crate) fn of(
        connector: &Connector<'_>,
        environment: &Environment,
    ) -> (Option<Self>, Option<InvalidNumber>) {
        if !connector.tools().any(|tool| tool.caching.is_on()) {
            return (None, None);
        }
        let limits = match CacheLimits::of(connector.name, environment) {
            Ok(limits) => limits,
            Err(invalid) => return (None, Some(invalid)),
        };
        // If the system has no random bytes for the salt, nothing is cached.
        let salt = limits.and_then(|limits| Some((limits, random_bytes::<32>().ok()?)));
        let cache = salt.map(|(limits, salt)| Self {
            limits,
            salt: *salt,
            replies: Mutex::default(),
            writes: AtomicU64::new(0),
            areas: RandomState::new(),
            status_tools: Mutex::new(status_tools(connector)),
        });
        (cache, None)
    }

    /// Finds the cache entry for a request. Returns `None` if the reply to the request must not be cached.
    pub(crate) fn look_up(
        &self,
        tool: &Tool<'_>,
        outgoing: &Outgoing,
        authorized: &Authorized<'_>,
        origin: &str,
    ) -> Option<Lookup<'_>> {
        let caching = self.caching_of(tool);
        if !caching.is_on() || !is_cacheable(tool, outgoing) {
            return None;
        }
        let key = CacheKey::of(&self.salt, outgoing, authorized)?;
        let area = self.area(authorized.principal(), origin);
        let writes = self.writes.load(Ordering::Acquire);
        let stored = self.lock().get(&key);
        Some(Lookup { cache: self, caching, key, area, stored, writes })
    }

    /// Returns the caching rule of a tool. Replies that start a job are not cached. The status of a job is always revalidated.
    fn caching_of(&self, tool: &Tool<'_>) -> Caching {
        match tool.caching {
            _ if tool.job.is_some() => Caching::Off,
            Caching::Seconds(_) if self.status_tools().contains(tool.name) => Caching::Revalidate,
            caching => caching,
        }
    }

    /// Registers a tool that reads the status of a job.
    pub(crate) fn note_status_tool(&self, name: &str) {
        let mut tools = self.status_tools();
        if !tools.contains(name) {
            tools.insert(name.to_owned());
        }
    }

    fn status_tools(&self) -> MutexGuard<'_, HashSet<String>> {
        self.status_tools.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a write of a caller.
    pub(crate) fn write(&self, principal: &Principal, origin: &str) -> Write<'_> {
        Write { cache: self, area: self.area(principal, origin) }
    }

    fn area(&self, principal: &Principal, origin: &str) -> Area {
        Area(self.areas.hash_one((principal, origin)))
    }

    fn lock(&self) -> MutexGuard<'_, Lru> {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the tools that take the identifier of a job, according to the document or connector.toml.
fn status_tools(connector: &Connector<'_>) -> HashSet<String> {
    let by_id = connector.tools().filter_map(|tool| tool.job?.id);
    by_id.map(|id| id.tool.to_owned()).collect()
}

impl Lookup<'_> {
    /// Returns the cached reply and its age, if the reply is fresh.
    pub(crate) fn fresh(&self) -> Option<(Reply, Duration)> {
        let stored = self.stored.as_ref()?;
        let is_fresh = matches!(self.caching, Caching::Seconds(_)) && stored.is_fresh();
        is_fresh.then(|| (stored.reply.clone(), stored.age()))
    }

    /// Adds the condition that revalidates the cached reply. Returns `false` if there is no cached reply that can be revalidated.
    pub(crate) fn add_condition(&self, outgoing: &mut Outgoing) -> bool {
        let Some(stored) = &self.stored else { return false };
        match stored.validators.condition() {
            Some((header, value)) => {
                outgoing.set_missing(header, value);
                true
            }
            None => false,
        }
    }

    /// Removes the headers that [`add_condition`](Self::add_condition) adds.
    pub(crate) fn remove_condition(outgoing: &mut Outgoing) {
        validators::CONDITIONS.iter().for_each(|header| outgoing.clear(header));
    }

    /// Returns the cached reply that a 304 confirms, with the headers of the 304, or `None` if the 304 is about another version.
    pub(crate) fn confirmed(&self, not_modified: &Reply) -> Option<Reply> {
        let current = self.stored.as_ref()?.confirmed(not_modified)?;
        self.put(&current, self.storable(&current));
        Some(current)
    }

    /// Stores a reply if it may be stored. Otherwise removes the earlier reply, unless the new reply has an error status.
    pub(crate) fn keep(&self, reply: &Reply) {
        self.put(reply, self.storable(reply).map(StoredReply::with_own_body));
    }

    fn storable(&self, reply: &Reply) -> Option<StoredReply> {
        StoredReply::of(reply, self.caching, self.area, self.cache.limits.bytes_of_one())
    }

    fn put(&self, reply: &Reply, stored: Option<StoredReply>) {
        let cache = self.cache;
        let mut replies = cache.lock();
        match stored {
            Some(stored) => {
                // A write that ended after the request began may have changed the resource.
                if self.writes != cache.writes.load(Ordering::Acquire) {
                    stored.expire();
                }
                replies.put(self.key, stored, cache.limits);
            }
            // A reply with an error status does not replace the stored one.
            None if reply.is_success() => replies.remove(&self.key),
            None => {}
        }
    }

    /// Removes the cached reply.
    pub(crate) fn forget(&self) {
        self.cache.lock().remove(&self.key);
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        // The counter changes under the lock. A reply that is stored at the same time is therefore marked as stale in one of two places:
        // here, or by the comparison with the new counter when it is stored.
        let mut replies = self.cache.lock();
        self.cache.writes.fetch_add(1, Ordering::AcqRel);
        replies.expire(self.area);
    }
}

#[cfg(test)]
mod tests;
