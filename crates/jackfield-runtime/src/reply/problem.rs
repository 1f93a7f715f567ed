//! Summarizes the error body that a service sends.
//!
//! Services use many formats for errors. All of them contain a message for people, under a key such as `message` or
//! `detail`. Further fields are shown in parentheses after the message.

use serde_json::{Map, Value};

use crate::common::text::excerpt;

/// The keys of messages for people.
const WORDS: [&str; 13] = [
    "title",
    "message",
    "detail",
    "details",
    "description",
    "error_description",
    "errormessage",
    "error_message",
    "msg",
    "reason",
    "faultstring",
    "error",
    "hint",
];
/// The keys that only wrap a value. The value is shown without the key.
const ENVELOPES: [&str; 8] =
    ["error", "errors", "fault", "problem", "problems", "detail", "details", "response"];
/// The keys of values that do not help the caller. These values are left out.
const NOISE: [&str; 9] = [
    "trace",
    "stack",
    "stacktrace",
    "stack_trace",
    "backtrace",
    "status",
    "statuscode",
    "status_code",
    "timestamp",
];

/// The limits of a summary: items of an array, depth, characters of a message, and characters of a field.
const ITEMS: usize = 10;
const DEPTH: usize = 6;
const WORDS_LENGTH: usize = 1500;
const FACT_LENGTH: usize = 300;

/// Summarizes a value: its messages, followed by its other fields in parentheses.
pub(super) fn tell(value: &Value) -> String {
    tell_below(value, DEPTH)
}

fn tell_below(value: &Value, depth: usize) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => excerpt(text.trim(), WORDS_LENGTH),
        Value::Array(_) | Value::Object(_) if depth == 0 => "…".to_owned(),
        Value::Array(items) => tell_list(items, depth),
        Value::Object(object) => tell_object(object, depth),
        scalar => scalar.to_string(),
    }
}

fn tell_list(items: &[Value], depth: usize) -> String {
    let told: Vec<String> = items.iter().take(ITEMS).map(|item| tell_below(item, depth - 1)).collect();
    let more = items.len().saturating_sub(ITEMS);
    let more = (more > 0).then(|| format!("and {more} more"));
    if items.iter().any(Value::is_object) {
        told.into_iter().chain(more).map(|item| format!("\n- {item}")).collect()
    } else {
        told.into_iter().chain(more).collect::<Vec<_>>().join(", ")
    }
}

fn tell_object(object: &Map<String, Value>, depth: usize) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut facts = Vec::new();
    let mut lists = String::new();
    for (key, value) in object {
        let plain = key.to_ascii_lowercase().replace('-', "_");
        let told = match value {
            // The status is left out, because the first line of the message contains it.
            _ if NOISE.contains(&plain.as_str()) => continue,
            _ => tell_below(value, depth - 1),
        };
        if told.is_empty() || told == "about:blank" {
            continue;
        }
        let is_words = value.is_string() && WORDS.contains(&plain.as_str());
        if told.starts_with('\n') {
            lists.push_str(&told);
        } else if is_words || value.is_object() && ENVELOPES.contains(&plain.as_str()) {
            if !words.contains(&told) {
                words.push(told);
            }
        } else {
            facts.push(format!(
                "{key}: {}",
                if value.is_string() { excerpt(&told, FACT_LENGTH) } else { told }
            ));
        }
    }
    let mut text = words
        .into_iter()
        .reduce(|text, more| {
            let end = if text.ends_with(['.', '!', '?', ')']) { " " } else { ". " };
            format!("{text}{end}{more}")
        })
        .unwrap_or_default();
    let facts = facts.join("; ");
    text = match (text.is_empty(), facts.is_empty()) {
        (_, true) => text,
        (true, false) => facts,
        (false, false) => format!("{text} ({facts})"),
    };
    text + &lists
}

/// Returns the text of an HTML or XML page, without tags, scripts and styles. Entities are kept.
pub(super) fn without_markup(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        if let Some((data, after)) = tag.strip_prefix("![CDATA[").and_then(|data| data.split_once("]]>")) {
            text.push_str(data);
            rest = after;
            continue;
        }
        let hidden = [("!--", "-->"), ("script", "</script"), ("style", "</style")]
            .into_iter()
            .find(|(start, _)| tag.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start)));
        let after = match hidden {
            Some((_, end)) => find_ignoring_case(tag, end).map(|at| &tag[at..]),
            None => Some(tag),
        };
        rest = after.and_then(|tag| tag.split_once('>')).map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn find_ignoring_case(text: &str, what: &str) -> Option<usize> {
    text.as_bytes().windows(what.len()).position(|window| window.eq_ignore_ascii_case(what.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn error_body_becomes_its_message_and_further_fields() {
        for (body, told) in [
            (json!({ "error": "no such book" }), "no such book"),
            (
                json!({ "message": "Not Found", "documentation_url": "https://x" }),
                "Not Found (documentation_url: https://x)",
            ),
            (
                json!({ "type": "about:blank", "title": "Out of credit", "status": 403, "detail": "Your balance is 30.", "balance": 30 }),
                "Out of credit. Your balance is 30. (balance: 30)",
            ),
            (
                json!({ "error": { "code": 404, "message": "Gone fishing", "stack": "at x" } }),
                "Gone fishing (code: 404)",
            ),
            (
                json!({ "error": "invalid_grant", "error_description": "It expired" }),
                "invalid_grant. It expired",
            ),
            (
                json!({ "errors": [{ "field": "id", "message": "is odd" }, "and more"] }),
                "\n- is odd (field: id)\n- and more",
            ),
            (
                json!({ "detail": [{ "loc": ["body", "name"], "msg": "field required" }] }),
                "\n- field required (loc: body, name)",
            ),
            (
                json!({ "title": "Invalid", "errors": { "Name": ["The name is required."] } }),
                "Invalid. Name: The name is required.",
            ),
            (
                json!({ "errors": [{ "status": "422", "source": { "pointer": "/data/x" }, "title": "Too short" }] }),
                "\n- Too short (source: pointer: /data/x)",
            ),
            (json!(["a", 1, null]), "a, 1, "),
            (json!("plain"), "plain"),
            (json!({}), ""),
        ] {
            assert_eq!(tell(&body), told, "{body}");
        }
    }

    #[test]
    fn deep_or_long_error_body_is_truncated() {
        let deep = (0..100).fold(json!(1), |inner, _| json!({ "error": inner }));
        assert_eq!(tell(&deep), "…");
        assert_eq!(tell(&json!("x".repeat(2000))).chars().count(), WORDS_LENGTH + 1);
        let told = tell(&json!({ "context": "z".repeat(2000), "message": "w".repeat(1000) }));
        assert_eq!(told, format!("{} (context: {}…)", "w".repeat(1000), "z".repeat(FACT_LENGTH)));
        let many: Vec<Value> = (0..50).map(|n| json!({ "message": n.to_string() })).collect();
        assert!(tell(&json!({ "errors": many })).ends_with("\n- 9\n- and 40 more"));
    }

    #[test]
    fn html_error_page_is_reduced_to_its_text() {
        let page = "<!doctype html><html><head><title>502 Bad\nGateway</title><STYLE>a{}</Style></head>\
            <!-- secret > --><script>if (1<2) {}</script><body><h1>Oops &amp; sorry</h1>ab<b>cd</b>";
        assert_eq!(without_markup(page), "502 Bad Gateway Oops &amp; sorry ab cd");
        assert_eq!(without_markup("a < b"), "a");
        assert_eq!(without_markup("<Error><Code>NoKey</Code></Error>"), "NoKey");
        assert_eq!(without_markup("<e><m><![CDATA[a < b]]></m><![CDATA[open"), "a < b");
    }
}
