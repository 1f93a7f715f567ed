//! The differences between the limits on calls.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{CallRate, Connector, RateLimit};

use crate::change::{Change, Changes};
use crate::tools::Paired;
use crate::{Class, Kind, Phrase};

/// Compares the limits by their keys in connector.toml.
pub(crate) fn compare(old: &Connector, new: &Connector, paired: &Paired<'_>, changes: &mut Changes) {
    let by_key = |connector: &'_ Connector| -> BTreeMap<String, RateLimit> {
        connector.rates.iter().map(|limit| (limit.key.clone(), limit.clone())).collect()
    };
    let (before, after) = (by_key(old), by_key(new));
    let kept = paired.kept();
    for (key, limit) in &before {
        let Some(next) = after.get(key) else {
            changes.add(change(Class::Security, key, "limit", Some(&words(limit)), None));
            continue;
        };
        let RateLimit { key: _, tools, calls, concurrent, queue } = limit;
        if *calls != next.calls {
            // A limit that was removed, or that allows more calls per second, protects less.
            let class = match (calls, next.calls) {
                (Some(before), Some(after)) if is_stricter(after, *before) => Class::Behaviour,
                (None, _) => Class::Behaviour,
                _ => Class::Security,
            };
            let [before, after] = [*calls, next.calls].map(|calls| calls.map(|calls| calls.to_string()));
            changes.add(change(class, key, "calls", before.as_deref(), after.as_deref()));
        }
        if *concurrent != next.concurrent {
            let (before, after) = (concurrent.unwrap_or(usize::MAX), next.concurrent.unwrap_or(usize::MAX));
            let class = if after > before { Class::Security } else { Class::Behaviour };
            let [before, after] = [*concurrent, next.concurrent].map(|count| count.map(|it| it.to_string()));
            changes.add(change(class, key, "calls in flight", before.as_deref(), after.as_deref()));
        }
        if *queue != next.queue {
            let [before, after] = [*queue, next.queue].map(|count| count.map(|it| it.to_string()));
            changes.add(change(Class::Behaviour, key, "waiting calls", before.as_deref(), after.as_deref()));
        }
        let had = paired.renamed(tools);
        let has: BTreeSet<&str> =
            next.tools.iter().map(|tool| tool.as_str()).filter(|tool| kept.contains(tool)).collect();
        for (class, verb, tools) in [
            (Class::Security, "no longer has the limit ", had.difference(&has)),
            (Class::Behaviour, "has the limit ", has.difference(&had)),
        ] {
            for tool in tools {
                let phrase = Phrase::of([verb, shown(key), ""]);
                changes.add_of(tool, Change::new(class, Kind::Rate, phrase).about(shown(key)));
            }
        }
    }
    for (key, limit) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        // A limit for some tools replaces the limit for all tools, which may be stricter.
        let is_weaker = !key.is_empty() && before.get("").is_some_and(|general| is_weaker(limit, general));
        let class = if is_weaker { Class::Security } else { Class::Behaviour };
        changes.add(change(class, key, "limit", None, Some(&words(limit))));
    }
}

fn is_stricter(one: CallRate, other: CallRate) -> bool {
    let per_day = |rate: CallRate| u64::from(rate.calls) * 86_400 / u64::from(rate.seconds.max(1));
    per_day(one) <= per_day(other) && one.calls <= other.calls
}

fn is_weaker(one: &RateLimit, general: &RateLimit) -> bool {
    let calls = match (one.calls, general.calls) {
        (Some(one), Some(general)) => !is_stricter(one, general),
        (None, general) => general.is_some(),
        _ => false,
    };
    let limit = |limit: &RateLimit| limit.concurrent.unwrap_or(usize::MAX);
    calls || limit(one) > limit(general)
}

fn shown(key: &str) -> &str {
    if key.is_empty() { "all tools" } else { key }
}

fn change(class: Class, key: &str, words: &str, before: Option<&str>, after: Option<&str>) -> Change {
    let mut phrase = Phrase::of(["rate of ", shown(key), &format!(": {words}")]);
    phrase.from_to(before, after);
    Change::new(class, Kind::Rate, phrase).about(shown(key)).values(before, after)
}

fn words(limit: &RateLimit) -> String {
    let calls = limit.calls.map(|calls| calls.to_string());
    let concurrent = limit.concurrent.map(|count| format!("{count} in flight"));
    let queue = limit.queue.map(|count| format!("{count} waiting"));
    [calls, concurrent, queue].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
