//! The limits of connector.toml and of the command line.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::time::Instant;

use jackfield_recipe::CallRate;

use super::buckets::Buckets;
use super::slots::Slots;
use crate::call::rows::Connector;
use crate::common::caller::Caller;
use crate::engine::pending::Pending;
use crate::engine::policy::rate::{Rate, RateEntry, RateExceeded, RateGuard};
use crate::engine::request::{Target, TargetKind};

/// The limits that the command line sets for tools that connector.toml does not limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitFlags {
    pub(crate) calls: Option<CallRate>,
    pub(crate) concurrent: Option<usize>,
}

/// Limits the calls of each principal and tool. A tool has one upstream, so the buckets of a tool limit its
/// upstream too.
#[derive(Debug)]
pub(crate) struct CallLimits {
    /// The limits of tools that connector.toml lists.
    of_tools: HashMap<String, ToolLimits>,
    /// The limit of each tool that connector.toml does not list.
    calls: Option<Limit<CallRate>>,
    /// The limit of all calls of a principal.
    concurrent: Option<Limit<Concurrency>>,
    began: Instant,
    /// Hashes bucket keys with a secret of this process, so that clients cannot choose names that share a bucket.
    keys: RandomState,
    buckets: Buckets,
    slots: Slots,
}

#[derive(Clone, Debug, Default)]
struct ToolLimits {
    calls: Option<Limit<CallRate>>,
    concurrent: Option<Limit<Concurrency>>,
    /// The merged tool under whose name the calls of this operation are counted, for each of the two limits.
    calls_of: Option<String>,
    concurrent_of: Option<String>,
}

/// A limit, and the setting that sets it.
#[derive(Clone, Debug)]
struct Limit<T> {
    limit: T,
    place: String,
}

#[derive(Clone, Copy, Debug)]
struct Concurrency {
    calls: usize,
    queue: usize,
}

impl CallLimits {
    /// Creates the limits from connector.toml and `flags`. Returns `None` if no limit is set.
    pub(crate) fn of(connector: &Connector<'_>, flags: LimitFlags) -> Option<Self> {
        let (mut calls, mut concurrent) = (None, None);
        let mut of_tools: HashMap<String, ToolLimits> = HashMap::new();
        for row in connector.rates {
            let place = |word: &str| match row.key {
                "" => format!("`{word}` in [rate] of connector.toml"),
                key => format!("`{word}` in [rate.{key:?}] of connector.toml"),
            };
            let of_calls = row.calls.map(|limit| Limit { limit, place: place("calls") });
            let of_flight = row.concurrent.map(|calls| {
                let limit = Concurrency { calls, queue: row.queue.unwrap_or(calls) };
                Limit { limit, place: place("concurrent") }
            });
            if row.key.is_empty() {
                (calls, concurrent) = (of_calls, of_flight);
                continue;
            }
            for tool in row.tools {
                let limits = of_tools.entry((*tool).to_owned()).or_default();
                limits.calls = of_calls.clone().or(limits.calls.take());
                limits.concurrent = of_flight.clone().or(limits.concurrent.take());
            }
        }
        if let Some(limit) = flags.calls {
            calls = Some(Limit { limit, place: "--rate".to_owned() });
        }
        if let Some(calls) = flags.concurrent {
            let limit = Concurrency { calls, queue: calls };
            concurrent = Some(Limit { limit, place: "--concurrent".to_owned() });
        }
        count_together(connector, &mut of_tools);
        let limits = Self {
            of_tools,
            calls,
            concurrent,
            began: Instant::now(),
            keys: RandomState::new(),
            buckets: Buckets::default(),
            slots: Slots::default(),
        };
        let of_tools = limits.of_tools.values();
        let any = limits.calls.is_some()
            || limits.concurrent.is_some()
            || of_tools.into_iter().any(|own| own.calls.is_some() || own.concurrent.is_some());
        any.then_some(limits)
    }

    /// Counts a call at `now`, in nanoseconds since an arbitrary start.
    pub(super) fn admit_at(&self, caller: &Caller, target: Target<'_>, now: u64) -> Result<(), RateExceeded> {
        let own = self.own(target);
        let of_tool = own.and_then(|limits| limits.calls.as_ref());
        let Some(Limit { limit, place }) = of_tool.or(self.calls.as_ref()) else { return Ok(()) };
        let name = own.and_then(|limits| limits.calls_of.as_deref()).unwrap_or_else(|| counted_as(target));
        let taken = self.buckets.take(self.keys.hash_one((caller.principal(), name, place)), *limit, now);
        taken.map_err(|wait| RateExceeded {
            limit: format!("{limit} of `{name}`"),
            place: place.clone(),
            seconds: wait.as_secs() + u64::from(wait.subsec_nanos() > 0),
        })
    }

    fn own(&self, target: Target<'_>) -> Option<&ToolLimits> {
        (target.kind == TargetKind::Tool).then(|| self.of_tools.get(target.name)).flatten()
    }

    async fn enter_all(&self, entry: RateEntry<'_>) -> Result<RateGuard, RateExceeded> {
        let RateEntry { caller, target, deadline, was_in_flight } = entry;
        let own = self.own(target);
        let name =
            own.and_then(|limits| limits.concurrent_of.as_deref()).unwrap_or_else(|| counted_as(target));
        // The slot of the tool is taken first. While a call waits for it, the caller can still call other
        // tools.
        let of_tool = own.and_then(|limits| limits.concurrent.as_ref());
        let of_tool = of_tool
            .map(|limit| (limit, self.keys.hash_one((caller.principal(), name, limit.place.as_str()))));
        let of_all =
            self.concurrent.as_ref().map(|limit| (limit, self.keys.hash_one((caller.principal(), 1))));
        let mut guards = Vec::with_capacity(2);
        for (at, wanted) in [of_tool, of_all].into_iter().enumerate() {
            let Some((Limit { limit, place }, key)) = wanted else { continue };
            let most_waiting = if was_in_flight { usize::MAX } else { limit.queue };
            let entered = self.slots.enter(key, limit.calls, most_waiting, deadline).await;
            guards.push(entered.map_err(|_| RateExceeded {
                limit: {
                    let calls = if limit.calls == 1 { "call" } else { "calls" };
                    let of = if at == 0 { format!(" of `{name}`") } else { String::new() };
                    format!("{} {calls}{of} in flight", limit.calls)
                },
                place: place.clone(),
                seconds: 1,
            })?);
        }
        Ok(RateGuard::of(guards))
    }
}

/// Counts the operations of a merged tool together if they have the same limit. Clients see only the merged tool, so separate counts would
/// multiply its limit by the number of operations.
fn count_together(connector: &Connector<'_>, of_tools: &mut HashMap<String, ToolLimits>) {
    let parts: Vec<(&str, &str)> =
        connector.tools().filter_map(|row| Some((row.name, row.merged?.tool))).collect();
    let places = |of_tools: &HashMap<String, ToolLimits>, operation: &str| {
        let own = of_tools.get(operation);
        let calls = own.and_then(|own| own.calls.as_ref()).map(|limit| limit.place.clone());
        (calls, own.and_then(|own| own.concurrent.as_ref()).map(|limit| limit.place.clone()))
    };
    for (operation, merged) in &parts {
        let (calls, concurrent) = places(of_tools, operation);
        let siblings = parts.iter().filter(|(other, into)| into == merged && other != operation);
        let (mut calls_of, mut concurrent_of) = (None, None);
        for (sibling, _) in siblings {
            let (of_sibling, of_flight) = places(of_tools, sibling);
            if of_sibling == calls {
                calls_of = Some((*merged).to_owned());
            }
            if of_flight == concurrent {
                concurrent_of = Some((*merged).to_owned());
            }
        }
        let own = of_tools.entry((*operation).to_owned()).or_default();
        (own.calls_of, own.concurrent_of) = (calls_of, concurrent_of);
    }
}

/// Returns the name under which a call is counted. All resources share one bucket, because clients choose their URIs.
fn counted_as(target: Target<'_>) -> &str {
    match target.kind {
        TargetKind::Tool | TargetKind::Prompt => target.name,
        TargetKind::Resource => "resources",
        TargetKind::Completion => "completions",
    }
}

impl Rate for CallLimits {
    fn admit(&self, caller: &Caller, target: Target<'_>) -> Result<RateGuard, RateExceeded> {
        let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.admit_at(caller, target, now).map(|()| RateGuard::default())
    }

    fn enter<'a>(&'a self, entry: RateEntry<'a>) -> Option<Pending<'a, Result<RateGuard, RateExceeded>>> {
        let own = self.own(entry.target).is_some_and(|limits| limits.concurrent.is_some());
        let is_limited = own || self.concurrent.is_some();
        is_limited.then(|| Box::pin(self.enter_all(entry)) as Pending<'a, _>)
    }
}

#[cfg(test)]
impl CallLimits {
    pub(super) fn kept(&self) -> usize {
        self.buckets.len()
    }

    pub(super) fn slots(&self) -> &Slots {
        &self.slots
    }

    /// Returns the number of calls in flight and waiting, for each caller and limit.
    pub(crate) fn in_flight(&self) -> Vec<usize> {
        self.slots.calls()
    }
}
