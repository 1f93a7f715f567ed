//! Shows a JSON Schema as nested lists. Every keyword is shown, and unknown keywords are shown as JSON.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::shared::Meanings;
use super::words::{line, lines};

/// The depth below which schemas are shown as JSON.
const DEEPEST: usize = 24;
/// The maximum number of characters of a value that is shown as JSON.
const LONGEST: usize = 4_000;
/// Keywords that have their own presentation, and are not shown as JSON.
const SHOWN: [&str; 9] =
    ["type", "$ref", "description", "properties", "required", "items", "anyOf", "oneOf", "allOf"];

/// Shows the schema of a tool's arguments or result.
pub(super) fn root(schema: &Value, meanings: &Meanings) -> Markup {
    let Some(keywords) = schema.as_object() else { return json(schema) };
    let is_plain = keywords.get("type").is_some_and(|it| it == "object");
    let has_nothing = is_plain && keywords.iter().all(|(key, value)| key == "type" || is_empty(value));
    html! {
        @if has_nothing {
            p.quiet { "none" }
        } @else {
            (nested(keywords, meanings, 0))
            @if !is_plain || keywords.keys().any(|key| !SHOWN.contains(&key.as_str())) || keywords.contains_key("description") {
                p { (head(keywords, meanings, is_plain)) }
            }
        }
    }
}

/// Shows a member of an object: the name, the type and facts, and the nested schemas.
fn member(name: &str, schema: &Value, is_required: bool, meanings: &Meanings, depth: usize) -> Markup {
    html! {
        li {
            code.name { (line(name)) }
            @if is_required { " " b { "required" } }
            " " (content(schema, meanings, depth))
        }
    }
}

fn content(schema: &Value, meanings: &Meanings, depth: usize) -> Markup {
    match schema.as_object() {
        Some(keywords) if depth < DEEPEST => html! {
            (head(keywords, meanings, false))
            (nested(keywords, meanings, depth))
        },
        _ => json(schema),
    }
}

/// Shows the type, the facts and the description of a schema.
fn head(keywords: &Map<String, Value>, meanings: &Meanings, is_plain: bool) -> Markup {
    let kind = match keywords.get("type") {
        _ if is_plain => String::new(),
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(several)) => {
            several.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")
        }
        _ => String::new(),
    };
    let facts: Vec<String> = keywords
        .iter()
        .filter(|(key, value)| !SHOWN.contains(&key.as_str()) && !is_nested(key, value))
        .map(|(key, value)| match key.as_str() {
            "additionalProperties" if *value == Value::Bool(false) => "no other properties".to_owned(),
            _ => format!("{key} {}", shortened(value)),
        })
        .collect();
    html! {
        @if let Some(Value::String(reference)) = keywords.get("$ref") {
            (self::reference(reference, meanings)) " "
        }
        @if !kind.is_empty() { i { (line(&kind)) } }
        @if !facts.is_empty() { " " span.facts { (line(&facts.join("; "))) } }
        @if let Some(Value::String(text)) = keywords.get("description") {
            span.text { (lines(text)) }
        }
    }
}

/// Shows a reference as a link to the shared schema.
fn reference(reference: &str, meanings: &Meanings) -> Markup {
    let name = ["#/$defs/", "#/definitions/"].iter().find_map(|start| reference.strip_prefix(start));
    let name = name.unwrap_or(reference);
    html! {
        @match meanings.get(name) {
            Some(at) => a href={ "#d" (at) } { (line(name)) },
            None => code { (line(name)) },
        }
    }
}

/// Shows the schemas that are nested in a schema.
fn nested(keywords: &Map<String, Value>, meanings: &Meanings, depth: usize) -> Markup {
    let properties = keywords.get("properties").and_then(Value::as_object);
    let required: Vec<&str> = keywords
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let is_known = |name: &str| properties.is_some_and(|properties| properties.contains_key(name));
    let others: Vec<&str> = required.iter().copied().filter(|name| !is_known(name)).collect();
    let branches = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| {
        let list = keywords.get(key)?.as_array()?;
        let words = match key {
            "allOf" => "all of",
            "anyOf" => "any of",
            _ => "one of",
        };
        Some((words, list))
    });
    let within: Vec<(&String, &Value)> =
        keywords.iter().filter(|(key, value)| is_nested(key, value)).collect();
    let items = keywords.get("items");
    let branches: Vec<_> = branches.collect();
    let has_any = properties.is_some_and(|it| !it.is_empty())
        || items.is_some()
        || !branches.is_empty()
        || !within.is_empty()
        || !others.is_empty();
    html! {
        @if has_any {
            ul.schema {
                @for (name, schema) in properties.into_iter().flatten() {
                    (member(name, schema, required.contains(&name.as_str()), meanings, depth + 1))
                }
                @for name in others {
                    li { code.name { (line(name)) } " " b { "required" } }
                }
                @if let Some(items) = items {
                    li { span.of { "each item" } " " (content(items, meanings, depth + 1)) }
                }
                @for (key, schema) in within {
                    li { span.of { (line(key)) } " " (content(schema, meanings, depth + 1)) }
                }
                @for (words, list) in branches {
                    li {
                        span.of { (words) }
                        ul.schema {
                            @for schema in list { li { (content(schema, meanings, depth + 1)) } }
                        }
                    }
                }
            }
        }
    }
}

/// Returns whether the value of a keyword is shown as a nested schema.
fn is_nested(key: &str, value: &Value) -> bool {
    let takes_schema =
        matches!(key, "additionalProperties" | "not" | "propertyNames" | "contains" | "if" | "then" | "else");
    takes_schema && value.is_object()
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

fn json(value: &Value) -> Markup {
    html! { code { (line(&shortened(value))) } }
}

fn shortened(value: &Value) -> String {
    let text = match value {
        Value::Array(values) if values.iter().all(|it| !it.is_object() && !it.is_array()) => {
            values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}… ({} bytes in all)", &text[..at], text.len()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_keyword_of_a_schema_is_shown() {
        let schema = json!({
            "type": "object", "required": ["a", "ghost"], "minProperties": 1,
            "properties": {
                "a": { "type": ["string", "null"], "description": "First.", "pattern": "^x", "x-new": { "k": [1] } },
                "b": { "type": "array", "items": { "anyOf": [{ "$ref": "#/$defs/T" }, { "const": 7 }] } },
            },
            "additionalProperties": { "type": "integer", "maximum": 9 },
        });
        let meanings = Meanings::from([("T".to_owned(), 4)]);
        let page = root(&schema, &meanings).into_string();
        for part in [
            "string or null",
            "First.",
            "pattern &quot;^x&quot;",
            "x-new {&quot;k&quot;:[1]}",
            "<a href=\"#d4\">T</a>",
            "const 7",
            "ghost",
            "maximum 9",
            "minProperties 1",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }

    #[test]
    fn deeply_nested_schema_is_shown_as_json() {
        let mut schema = json!({ "type": "string" });
        for _ in 0..100 {
            schema = json!({ "type": "array", "items": schema });
        }
        let page = root(&schema, &Meanings::new()).into_string();
        assert_eq!(page.matches("each item").count(), DEEPEST);
    }
}
