//! `[timeout]` and `[retry]`: time limits and retries of calls.

use std::collections::BTreeMap;

use jackfield_model::{RetryLimits, TimeLimits, nearest};
use toml::{Spanned, Value};

use super::refusal::{Refusal, Span};

type Table = BTreeMap<Spanned<String>, Spanned<Value>>;

/// Returns the time limits of `[timeout]`.
pub(super) fn timeouts(written: Table) -> Result<TimeLimits, Refusal> {
    const KEYS: [&str; 5] = ["connect", "first_byte", "between_bytes", "total", "transfer"];
    let mut limits = TimeLimits::new();
    let (mut total, mut spans) = (None, Vec::new());
    for (key, value) in written {
        let (span, word) = (key.span(), key.get_ref().as_str());
        let known = KEYS.contains(&word);
        let most = if word == "transfer" { TimeLimits::MOST_TRANSFER } else { TimeLimits::MOST };
        let seconds = known.then(|| number("[timeout]", word, &value, 1..=most)).transpose()?;
        let Some(seconds) = seconds else { return Err(unknown(word, span, "[timeout]", &KEYS)) };
        match word {
            "connect" => limits.connect = Some(seconds),
            "first_byte" => limits.first_byte = Some(seconds),
            "between_bytes" => limits.between_bytes = Some(seconds),
            "transfer" => {
                limits.transfer = Some(seconds);
                continue;
            }
            _ => total = Some(seconds),
        }
        spans.push((word.to_owned(), seconds, value.span()));
    }
    limits.total = total;
    if let Some(total) = total
        && let Some((word, seconds, span)) = spans.into_iter().find(|(_, seconds, _)| *seconds > total)
    {
        let problem =
            format!("`{word}` in [timeout] is {seconds}, longer than `total`, the limit of the whole call");
        return Err(Refusal::new(span, problem, format!("write at most {total}, the value of `total`")));
    }
    Ok(limits)
}

/// Returns the limits of `[retry]`.
pub(super) fn retry(written: Table) -> Result<RetryLimits, Refusal> {
    const KEYS: [&str; 2] = ["attempts", "breaker"];
    let mut limits = RetryLimits::new();
    for (key, value) in written {
        let (span, word) = (key.span(), key.get_ref().as_str());
        match word {
            "attempts" if value.get_ref().as_str() == Some("off") => limits.attempts = Some(1),
            "attempts" => {
                limits.attempts = Some(number("[retry]", word, &value, 1..=RetryLimits::MOST_ATTEMPTS)?);
            }
            "breaker" if value.get_ref().as_str() == Some("off") => limits.breaker = Some(0),
            "breaker" => {
                limits.breaker = Some(number("[retry]", word, &value, 1..=RetryLimits::MOST_FAILURES)?);
            }
            _ => return Err(unknown(word, span, "[retry]", &KEYS)),
        }
    }
    Ok(limits)
}

fn number(
    table: &str,
    word: &str,
    value: &Spanned<Value>,
    range: std::ops::RangeInclusive<u32>,
) -> Result<u32, Refusal> {
    let found = value.get_ref().as_integer().and_then(|number| u32::try_from(number).ok());
    found.filter(|number| range.contains(number)).ok_or_else(|| {
        let problem = match value.get_ref() {
            Value::Integer(number) => format!("`{word}` in {table} cannot be {number}"),
            _ => format!("`{word}` in {table} is not an integer"),
        };
        let unit = if table == "[timeout]" { " seconds" } else { ", or \"off\"" };
        let help = format!("choose a number from {} to {}{unit}", range.start(), range.end());
        Refusal::new(value.span(), problem, help)
    })
}

fn unknown(word: &str, span: Span, table: &str, keys: &[&str]) -> Refusal {
    let help = match nearest(word, keys.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of `{}`", keys.join("`, `")),
    };
    Refusal::new(span, format!("there is no key `{word}` in {table}"), help)
}
