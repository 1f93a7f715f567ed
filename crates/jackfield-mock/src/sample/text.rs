//! Samples strings for a format, for a pattern, or from the name of their property.

use serde_json::{Map, Value};

use super::pattern::Pattern;

/// The maximum length of a sampled string. A schema that requires a longer string gets no sample.
const MOST_LENGTH: usize = 100_000;

/// Returns a string with the required length, format and pattern. `nth` is the index of the array item, so that items differ.
pub(super) fn sample(keywords: &Map<String, Value>, name: &str, nth: usize) -> Option<String> {
    let length = |key: &str| keywords.get(key).and_then(Value::as_u64).map(|it| it as usize);
    let least = length("minLength").unwrap_or(0);
    let most = length("maxLength").unwrap_or(usize::MAX);
    if least > most || least > MOST_LENGTH {
        return None;
    }
    let within = |text: &String| (least..=most).contains(&text.chars().count());
    let formatted = keywords.get("format").and_then(Value::as_str).and_then(|format| of_format(format, nth));
    let pattern = keywords.get("pattern").and_then(Value::as_str).and_then(Pattern::parse);
    match pattern {
        Some(pattern) => {
            let plain = [formatted, Some(of_name(name, nth, least, most))];
            let plain = plain.into_iter().flatten().find(|text| within(text) && pattern.matches(text));
            plain.or_else(|| pattern.sample(least, most, nth))
        }
        None => formatted.filter(within).or_else(|| Some(of_name(name, nth, least, most))),
    }
}

/// Returns letters of the property's name, so that a sampled string shows which property it belongs to.
fn of_name(name: &str, nth: usize, least: usize, most: usize) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let mut text: String = name.chars().map(plain).collect();
    if text.is_empty() {
        text.push_str("text");
    }
    if nth > 0 {
        let suffix = format!("-{}", nth + 1);
        // The suffix, which makes items differ, is kept even if the maximum length is small.
        text.truncate(most.saturating_sub(suffix.len()));
        text.push_str(&suffix);
    }
    let short = least.saturating_sub(text.len());
    text.extend(std::iter::repeat_n('x', short));
    if text.len() > most {
        text = text.split_off(text.len() - most);
    }
    text
}

fn of_format(format: &str, nth: usize) -> Option<String> {
    let number = nth + 1;
    let day = nth % 28 + 1;
    let text = match format {
        "date-time" => format!("2026-01-{day:02}T12:30:00Z"),
        "date" => format!("2026-01-{day:02}"),
        "time" => format!("12:30:{:02}Z", nth % 60),
        "duration" => format!("P{number}D"),
        "uuid" => format!("00000000-0000-4000-8000-{number:012x}"),
        "email" | "idn-email" => format!("someone{number}@example.com"),
        "hostname" | "idn-hostname" => format!("host{number}.example.com"),
        "ipv4" => format!("192.0.2.{}", nth % 254 + 1),
        "ipv6" => format!("2001:db8::{number:x}"),
        "uri" | "url" | "iri" | "uri-template" => format!("https://example.com/{number}"),
        "uri-reference" | "iri-reference" | "json-pointer" => format!("/{number}"),
        "relative-json-pointer" => format!("{number}/a"),
        "byte" | "base64" => format!("{number:03}A"),
        "regex" => format!("a{{{number}}}"),
        // These formats get a number as a string, because APIs often send 64-bit integers as strings.
        "int32" | "int64" | "uint32" | "uint64" | "integer" => format!("{number}"),
        "decimal" | "double" | "float" => format!("{number}.5"),
        _ => return None,
    };
    Some(text)
}
