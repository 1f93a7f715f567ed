//! `[rate]`: limits on the calls of each caller.

use std::collections::BTreeMap;

use jackfield_model::text::toml_key;
use jackfield_model::{CallRate, nearest};
use toml::{Spanned, Value};

use super::refusal::{Refusal, Span};
use super::rules::RuleTable;

const KEYS: [&str; 3] = ["calls", "concurrent", "queue"];
/// The maximum value of `concurrent` and `queue`: the calls of one caller that may be in flight, and that may wait.
const MOST: i64 = 1_000_000;

/// A limit in connector.toml.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RateChoice {
    pub(crate) calls: Option<CallRate>,
    pub(crate) concurrent: Option<usize>,
    pub(crate) queue: Option<usize>,
}

/// The limits in connector.toml.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rates {
    /// The limit of tools that have no limit of their own.
    pub(crate) all: RateChoice,
    /// The limits of tools.
    pub(crate) of: RuleTable<RateChoice>,
}

pub(super) fn parse(written: BTreeMap<Spanned<String>, Spanned<Value>>) -> Result<Rates, Refusal> {
    let (mut rates, mut queue_span) = (Rates::default(), 0..0);
    for (key, value) in written {
        let (key_span, key) = (key.span(), key.into_inner());
        let (span, value) = (value.span(), value.into_inner());
        let Value::Table(table) = value else {
            set(&mut rates.all, &key, &value, &key_span, &span)?;
            if key == "queue" {
                queue_span = key_span;
            }
            continue;
        };
        let mut choice = RateChoice::default();
        for (word, value) in &table {
            set(&mut choice, word, value, &span, &span)?;
        }
        if choice == RateChoice::default() {
            let problem = format!("[rate.{}] limits nothing", toml_key(&key));
            return Err(Refusal::new(key_span, problem, "add `calls = \"60/min\"` or `concurrent = 8`"));
        }
        check(&choice, &key_span)?;
        rates.of.add(&key, key_span, choice)?;
    }
    check(&rates.all, &queue_span)?;
    Ok(rates)
}

fn check(choice: &RateChoice, span: &Span) -> Result<(), Refusal> {
    if choice.queue.is_some() && choice.concurrent.is_none() {
        let problem = "`queue` in [rate] has no effect without `concurrent`";
        return Err(Refusal::new(span.clone(), problem, "add `concurrent = 8`"));
    }
    Ok(())
}

fn set(choice: &mut RateChoice, word: &str, value: &Value, key: &Span, span: &Span) -> Result<(), Refusal> {
    let number = |least: i64| match value {
        Value::Integer(number) if (least..=MOST).contains(number) => {
            Ok(usize::try_from(*number).unwrap_or_default())
        }
        other => {
            let problem = match other {
                Value::Integer(number) => format!("`{word}` in [rate] cannot be {number}"),
                _ => format!("`{word}` in [rate] is not an integer"),
            };
            Err(Refusal::new(span.clone(), problem, format!("choose a number from {least} to {MOST}")))
        }
    };
    match word {
        "calls" => {
            let rate = value.as_str().ok_or_else(|| "`calls` in [rate] is not a string".to_owned());
            let rate = rate.and_then(|text| text.parse().map_err(|_| format!("{text:?} is not a rate")));
            let help = "write a rate such as \"10/s\", \"60/min\", \"1000/hour\" or \"5000/day\"";
            choice.calls = Some(rate.map_err(|problem| Refusal::new(span.clone(), problem, help))?);
        }
        "concurrent" => choice.concurrent = Some(number(1)?),
        "queue" => choice.queue = Some(number(0)?),
        other => {
            let help = match nearest(other, KEYS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    format!(
                        "use one of `{}`, or a table for a tool: [rate.{}]",
                        KEYS.join("`, `"),
                        toml_key(other)
                    )
                }
            };
            return Err(Refusal::new(key.clone(), format!("there is no key `{other}` in [rate]"), help));
        }
    }
    Ok(())
}
