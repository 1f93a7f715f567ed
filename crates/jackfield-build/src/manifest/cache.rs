//! `[cache]`: which replies are kept.

use std::collections::BTreeMap;

use jackfield_model::Caching;
use jackfield_model::text::toml_key;
use toml::{Spanned, Value};

use super::refusal::{Refusal, Span};

/// The key of all tools that read.
pub(crate) const ALL: &str = "*";

/// The choices of the file, by tool name or [`ALL`].
pub(crate) type CacheChoices = Vec<(String, Span, Caching)>;

pub(super) fn parse(written: BTreeMap<Spanned<String>, Spanned<Value>>) -> Result<CacheChoices, Refusal> {
    let choice = |(key, value): (Spanned<String>, Spanned<Value>)| {
        let span = key.span();
        let caching = caching(key.get_ref(), &value)?;
        Ok((key.into_inner(), span, caching))
    };
    written.into_iter().map(choice).collect()
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
        _ => refuse(format!("`{key}` in [cache] is neither a text nor an integer")),
    }
}
