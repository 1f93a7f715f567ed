//! The differences between time limits and retries.

use jackfield_model::{Connector, RetryLimits, TimeLimits};

use crate::change::{Change, Changes};
use crate::{Class, Kind};

/// Compares the time limits and the limits of retries.
pub(crate) fn compare(old: &Connector, new: &Connector, changes: &mut Changes) {
    let TimeLimits { connect, first_byte, between_bytes, total, transfer } = old.timeouts;
    let next = new.timeouts;
    for (words, before, after) in [
        ("time limit of connections", connect, next.connect),
        ("time limit until a reply begins", first_byte, next.first_byte),
        ("time limit between parts of a reply", between_bytes, next.between_bytes),
        ("time limit of calls", total, next.total),
        ("time limit of calls with files", transfer, next.transfer),
    ] {
        add(Kind::Timeout, words, before.map(seconds), after.map(seconds), changes);
    }
    let RetryLimits { attempts, breaker } = old.retry;
    for (words, before, after) in [
        ("attempts of a call", attempts, new.retry.attempts),
        ("failures until calls to a host are paused", breaker, new.retry.breaker),
    ] {
        let text = |count: u32| count.to_string();
        add(Kind::Retry, words, before.map(text), after.map(text), changes);
    }
}

fn add(kind: Kind, words: &str, before: Option<String>, after: Option<String>, changes: &mut Changes) {
    if before != after {
        let usual = || "the default".to_owned();
        let (before, after) = (before.unwrap_or_else(usual), after.unwrap_or_else(usual));
        changes.add(Change::value(Class::Behaviour, kind, words, Some(&before), Some(&after)));
    }
}

fn seconds(seconds: u32) -> String {
    format!("{seconds} s")
}
