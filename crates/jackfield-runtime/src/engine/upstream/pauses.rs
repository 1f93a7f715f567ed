//! The pauses that a service asked for, by principal and tool.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::common::caller::Principal;

/// The maximum number of stored pauses. If there are more, calls are sent although the service asked for a pause.
const MOST: usize = 4096;

/// The maximum pause, whatever the service asks for: a wrong header must not disable a tool for days.
pub(super) const LONGEST: Duration = Duration::from_secs(3600);

/// The calls to which a pause applies: all calls of a principal, or only its calls of one tool if the service has a separate limit for the
/// tool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paused<'a> {
    pub(super) principal: &'a Principal,
    pub(super) tool: Option<&'a str>,
}

/// The time at which each pause ends.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    any: AtomicBool,
    until: Mutex<HashMap<u64, Instant>>,
    keys: RandomState,
}

impl Pauses {
    fn key(&self, of: Paused<'_>) -> u64 {
        self.keys.hash_one((of.principal, of.tool))
    }

    /// Returns how long a call of `tool` by `principal` has to wait, or `None` if it need not wait.
    pub(super) fn wait(&self, principal: &Principal, tool: &str) -> Option<Duration> {
        if !self.any.load(Ordering::Relaxed) {
            return None;
        }
        let keys = [None, Some(tool)].map(|tool| self.key(Paused { principal, tool }));
        let now = Instant::now();
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let mut latest = None;
        for key in keys {
            match until.get(&key) {
                Some(time) if *time > now => latest = latest.max(Some(*time)),
                Some(_) => _ = until.remove(&key),
                None => {}
            }
        }
        self.any.store(!until.is_empty(), Ordering::Relaxed);
        latest.map(|time| time - now)
    }

    /// Adds a pause. An earlier pause that ends later is kept.
    pub(super) fn pause(&self, of: Paused<'_>, wait: Duration) {
        let now = Instant::now();
        let end = now + wait.min(LONGEST);
        let key = self.key(of);
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= MOST {
            until.retain(|_, time| *time > now);
        }
        if until.len() < MOST || until.contains_key(&key) {
            let time = until.entry(key).or_insert(end);
            *time = end.max(*time);
        }
        self.any.store(!until.is_empty(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn requests_of_a_paused_principal_or_tool_wait_until_the_pause_expires() {
        let pauses = Pauses::default();
        let (me, ann) = (Principal::Local, Principal::Token("ann".to_owned()));
        assert_eq!(pauses.wait(&me, "a"), None);
        pauses.pause(Paused { principal: &me, tool: Some("a") }, Duration::from_secs(2));
        assert_eq!(pauses.wait(&me, "a"), Some(Duration::from_secs(2)));
        assert_eq!((pauses.wait(&me, "b"), pauses.wait(&ann, "a")), (None, None));
        pauses.pause(Paused { principal: &me, tool: None }, Duration::from_secs(1_000_000));
        pauses.pause(Paused { principal: &me, tool: None }, Duration::from_secs(1));
        assert_eq!(pauses.wait(&me, "b"), Some(LONGEST));
        tokio::time::advance(LONGEST).await;
        assert_eq!((pauses.wait(&me, "a"), pauses.any.load(Ordering::Relaxed)), (None, false));
    }

    #[tokio::test(start_paused = true)]
    async fn number_of_stored_pauses_is_bounded() {
        let pauses = Pauses::default();
        for number in 0..MOST + 10 {
            let principal = Principal::Token(number.to_string());
            pauses.pause(Paused { principal: &principal, tool: None }, Duration::from_secs(9));
        }
        assert_eq!(pauses.until.lock().unwrap().len(), MOST);
        tokio::time::advance(Duration::from_secs(9)).await;
        pauses.pause(Paused { principal: &Principal::Local, tool: None }, Duration::from_secs(9));
        assert_eq!(pauses.until.lock().unwrap().len(), 1);
    }
}
