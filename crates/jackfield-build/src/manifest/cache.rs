//! `[cache]`: which replies are cached, and for how long.

use std::collections::BTreeMap;

use jackfield_model::Caching;
use jackfield_model::text::toml_key;
use toml::{Spanned, Value};

use super::refusal::Refusal;
use super::rules::RuleTable;

pub(super) fn parse(
    written: BTreeMap<Spanned<String>, Spanned<Value>>,
) -> Result<RuleTable<Caching>, Refusal> {
    let mut table = RuleTable::default();
    for (key, value) in written {
        let (span, key) = (key.span(), key.into_inner());
        let caching = caching(&key, &value)?;
        table.add(&key, span, caching)?;
    }
    Ok(table)
}

fn caching(key: &str, written: &Spanned<Value>) -> Result<Caching, Refusal> {
    let help =
        format!("choose \"off\", \"revalidate\", or a number of seconds from 1 to {}", Caching::MOST_SECONDS);
    let refuse = |problem: String| Err(Refusal::new(written.span(), problem, help.clone()));
    let key = toml_key(key);
    match written.get_ref() {
        Value::String(text) if text == "off" => Ok(Caching::Off),
        Value::String(text) if text == "revalidate" => Ok(Caching::Revalidate),
        Value::String(text) => refuse(format!("`{key}` in [cache] cannot be \"{text}\"")),
        Value::Integer(number) => match u32::try_from(*number) {
            Ok(seconds) if (1..=Caching::MOST_SECONDS).contains(&seconds) => Ok(Caching::Seconds(seconds)),
            _ => refuse(format!("`{key}` in [cache] cannot be {number}")),
        },
        _ => refuse(format!("`{key}` in [cache] is neither a string nor an integer")),
    }
}
