//! Shortens schemas. Every short form accepts exactly the values that the long form accepted.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use jackfield_model::text::one_line;

/// The annotations that may occur beside a list of members when the list is dissolved.
const ANNOTATIONS: [&str; 4] = ["description", "default", "deprecated", "examples"];
/// Assertions whose meaning does not depend on other keywords.
const PLAIN: [&str; 13] = [
    "type",
    "enum",
    "const",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "uniqueItems",
];
/// Keywords that would have to accept `null` too if `null` is added to the types.
const TYPELESS: [&str; 10] =
    ["$ref", "const", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"];
/// The maximum length of the explanations of enumeration values, in characters.
const MEANINGS: usize = 240;
/// The maximum length of a list whose members are compared with each other.
const COMPARED: usize = 100;

/// Replaces a choice of constants by an `enum`, and moves the meaning of each number to the description.
pub(super) fn constants(map: &mut Map<String, Value>) {
    for key in ["oneOf", "anyOf"] {
        let Some(Value::Array(parts)) = map.get(key) else { continue };
        let Some((values, meanings)) = enumeration(parts, map) else { continue };
        map.shift_remove(key);
        map.insert("enum".to_owned(), values.into());
        if !meanings.is_empty() {
            let said = map.get("description").and_then(Value::as_str).unwrap_or_default();
            // The meanings follow a dash instead of a period, so that they belong to the first sentence.
            let said = said.split(". ").next().unwrap_or_default().trim_end_matches(['.', ':']);
            let text = if said.is_empty() { meanings } else { format!("{said}: {meanings}") };
            map.insert("description".to_owned(), text.into());
        }
        return;
    }
}

/// Returns the values of members that are one constant each, and the titles of the members that are numbers.
fn enumeration(parts: &[Value], map: &Map<String, Value>) -> Option<(Vec<Value>, String)> {
    if map.contains_key("enum") || map.contains_key("const") || parts.len() < 2 {
        return None;
    }
    let mut values: Vec<Value> = Vec::new();
    let mut seen = HashSet::new();
    let mut meanings = String::new();
    for part in parts {
        let part = part.as_object()?;
        let value = part.get("const")?;
        let plain = part.iter().all(|(key, held)| match key.as_str() {
            "const" | "title" => true,
            "type" => map.get("type").is_some_and(|kind| kind == held),
            key => ANNOTATIONS.contains(&key),
        });
        if !plain || !seen.insert(value) {
            return None;
        }
        let called = ["title", "description"].iter().find_map(|key| part.get(*key)?.as_str());
        if let Some(called) = called.filter(|_| value.is_number())
            && meanings.len() < MEANINGS
        {
            let end = if meanings.is_empty() { "" } else { ", " };
            let called = one_line(called);
            let called = called.split(". ").next().unwrap_or_default().trim_end_matches('.');
            meanings.push_str(&format!("{end}{value} {called}"));
        }
        values.push(value.clone());
    }
    Some((values, meanings))
}

/// Dissolves lists of members that are not needed. The members have been compacted before.
pub(super) fn compact(map: &mut Map<String, Value>) {
    map.retain(|key, value| match key.as_str() {
        "minLength" | "minItems" | "minProperties" => value != &json!(0),
        "properties" => value != &json!({}),
        _ => true,
    });
    if let Some(more) = map.get_mut("additionalProperties").filter(|more| **more == json!({ "not": {} })) {
        *more = false.into();
    }
    needless(map);
    words(map);
    merge(map);
    for key in ["anyOf", "oneOf"] {
        nullable(map, key);
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        dissolve(map, key);
    }
}

/// Removes keywords that all values of an enumeration satisfy, and formats that other keywords imply.
fn needless(map: &mut Map<String, Value>) {
    const IMPLIED: [&str; 5] = ["format", "minLength", "maxLength", "minimum", "maximum"];
    let has_implied = IMPLIED.iter().any(|key| map.contains_key(*key));
    let values = map.get("enum").filter(|_| has_implied).and_then(Value::as_array).cloned();
    if let Some(values) = values {
        let length = |value: &Value| Some(value.as_str()?.chars().count() as f64);
        map.retain(|key, bound| {
            let Some(bound) = bound.as_f64() else { return key != "format" };
            let all =
                |fits: &dyn Fn(&Value) -> Option<bool>| values.iter().all(|it| fits(it).unwrap_or(true));
            !match key.as_str() {
                "minLength" => all(&|value| Some(length(value)? >= bound)),
                "maxLength" => all(&|value| Some(length(value)? <= bound)),
                "minimum" => all(&|value| Some(value.as_f64()? >= bound)),
                "maximum" => all(&|value| Some(value.as_f64()? <= bound)),
                _ => false,
            }
        });
    }
    let known = |format: &str| ["date", "time", "uuid", "uri", "email"].iter().any(|it| format.contains(it));
    let says_nothing = match map.get("format").and_then(Value::as_str) {
        Some(format) if is_size(format) => true,
        Some(format) => map.contains_key("pattern") && !known(format),
        None => false,
    };
    if says_nothing {
        map.shift_remove("format");
    }
}

/// Whether the format is the size of a number, which asserts nothing.
pub(super) fn is_size(format: &str) -> bool {
    matches!(format, "int32" | "int64" | "float" | "double")
}

/// Moves the annotations of an `allOf` member without assertions to the schema that contains the list.
fn words(map: &mut Map<String, Value>) {
    let Some(Value::Array(parts)) = map.shift_remove("allOf") else { return };
    let is_words = |part: &Value| {
        part.as_object().is_some_and(|part| part.keys().all(|key| ANNOTATIONS.contains(&key.as_str())))
    };
    let (said, parts): (Vec<Value>, Vec<Value>) = parts.into_iter().partition(is_words);
    for part in said {
        let Value::Object(part) = part else { continue };
        part.into_iter().for_each(|(key, value)| _ = map.entry(key).or_insert(value));
    }
    if !parts.is_empty() {
        map.insert("allOf".to_owned(), parts.into());
    }
}

/// Removes equal alternatives, and members that accept more than another member.
fn merge(map: &mut Map<String, Value>) {
    if let Some(Value::Array(parts)) = map.get_mut("anyOf") {
        once(parts);
        if parts.iter().any(is_free_text) {
            parts.retain(|part| !is_empty_text(part));
        }
    }
    if let Some(Value::Array(parts)) = map.get_mut("allOf") {
        once(parts);
        if parts.len() <= COMPARED {
            drop_where(parts, |at, parts| {
                let others = parts.iter().enumerate().filter(|(other, _)| *other != at);
                others.into_iter().any(|(_, part)| widens(&parts[at], part))
            });
        }
    }
}

/// Keeps only the first of several equal members.
fn once(parts: &mut Vec<Value>) {
    let mut seen = HashSet::new();
    let first: Vec<bool> = parts.iter().map(|part| seen.insert(part)).collect();
    drop(seen);
    let mut first = first.into_iter();
    parts.retain(|_| first.next().unwrap_or(true));
}

fn drop_where(parts: &mut Vec<Value>, needless: impl Fn(usize, &[Value]) -> bool) {
    let mut at = 0;
    while at < parts.len() {
        if needless(at, parts) {
            parts.remove(at);
        } else {
            at += 1;
        }
    }
}

/// Whether the schema accepts every string, including the empty one.
fn is_free_text(schema: &Value) -> bool {
    schema.as_object().is_some_and(|map| {
        map.get("type").is_some_and(|kind| kind == "string")
            && map
                .keys()
                .all(|key| key == "type" || key == "maxLength" || ANNOTATIONS.contains(&key.as_str()))
    })
}

/// Whether the schema accepts only the empty string.
fn is_empty_text(schema: &Value) -> bool {
    schema.as_object().is_some_and(|map| {
        map.get("enum") == Some(&json!([""]))
            && map.keys().all(|key| key == "type" || key == "enum" || ANNOTATIONS.contains(&key.as_str()))
    })
}

/// Whether `wide` is `narrow` with one more type.
fn widens(wide: &Value, narrow: &Value) -> bool {
    let (Some(wide), Some(narrow)) = (wide.as_object(), narrow.as_object()) else { return false };
    let (Some(Value::Array(types)), Some(kind)) = (wide.get("type"), narrow.get("type")) else {
        return false;
    };
    let rest = |map: &Map<String, Value>| {
        map.iter()
            .filter(|(key, _)| *key != "type" && !ANNOTATIONS.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect::<Map<String, Value>>()
    };
    types.contains(kind) && rest(wide) == rest(narrow)
}

/// Replaces `anyOf: [{type: T, …}, {type: null}]` by `type: [T, null], …`.
fn nullable(map: &mut Map<String, Value>, key: &str) {
    let Some(Value::Array(parts)) = map.get(key) else { return };
    let is_null = |part: &Value| {
        part.as_object().is_some_and(|map| {
            map.get("type").is_some_and(|kind| kind == "null")
                && map.keys().all(|key| key == "type" || ANNOTATIONS.contains(&key.as_str()))
        })
    };
    let other = match parts.as_slice() {
        [null, other] if is_null(null) => 1_usize.min(usize::from(other.is_object())),
        [_, null] if is_null(null) => 0,
        _ => return,
    };
    let fits = parts[other].as_object().is_some_and(|other| {
        other.get("type").is_some_and(|kind| kind.is_string() && kind != "null")
            && !TYPELESS.iter().any(|key| other.contains_key(*key))
    });
    if !fits || !stands_alone(map, key) {
        return;
    }
    if let Some(Value::Object(part)) = map.get_mut(key).and_then(|parts| parts.get_mut(other)) {
        if let Some(kind) = part.get_mut("type") {
            *kind = json!([kind.take(), "null"]);
        }
        if let Some(Value::Array(values)) = part.get_mut("enum") {
            values.push(Value::Null);
        }
        let part = std::mem::take(part);
        replace(map, key, part);
    }
}

/// Replaces a list of one member by that member.
fn dissolve(map: &mut Map<String, Value>, key: &str) {
    let Some(Value::Array(parts)) = map.get_mut(key) else { return };
    if parts.len() != 1 {
        return;
    }
    if let Some(Value::Object(only)) = parts.first_mut() {
        let only = std::mem::take(only);
        if stands_alone(map, key) || goes_with(&only, map, key) {
            replace(map, key, only);
        } else {
            map.insert(key.to_owned(), json!([only]));
        }
    }
}

/// Whether the assertions of a member may be moved to the schema that contains the list. That schema must not have any of these assertions,
/// and none of them may interact with another keyword.
fn goes_with(part: &Map<String, Value>, map: &Map<String, Value>, list: &str) -> bool {
    let plain = |key: &str| PLAIN.contains(&key) || ANNOTATIONS.contains(&key);
    let asks = |(key, value): (&String, &Value)| {
        ANNOTATIONS.contains(&key.as_str()) || map.get(key).is_none_or(|own| own == value)
    };
    map.keys().all(|key| key == list || plain(key))
        && part.keys().all(|key| plain(key))
        && part.iter().all(asks)
}

/// Whether only annotations occur beside a list of members.
fn stands_alone(map: &Map<String, Value>, list: &str) -> bool {
    map.keys().all(|key| key == list || ANNOTATIONS.contains(&key.as_str()))
}

/// Replaces the list by the member. Annotations beside the list take precedence.
fn replace(map: &mut Map<String, Value>, list: &str, part: Map<String, Value>) {
    map.shift_remove(list);
    let own = std::mem::replace(map, part);
    map.extend(own);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equivalent_schema_keywords_are_replaced_by_shorter_keywords() {
        for (long, short) in [
            (
                json!({ "description": "Kind.", "oneOf": [{ "const": 1, "title": "A" }, { "const": 2, "title": "B" }] }),
                json!({ "description": "Kind: 1 A, 2 B", "enum": [1, 2] }),
            ),
            (
                json!({ "anyOf": [{ "type": "string", "maxLength": 3 }, { "type": "null" }] }),
                json!({ "type": ["string", "null"], "maxLength": 3 }),
            ),
            (
                json!({ "anyOf": [{ "type": "string", "enum": ["a"] }, { "type": "null" }] }),
                json!({ "type": ["string", "null"], "enum": ["a", null] }),
            ),
            (json!({ "anyOf": [{ "type": "string" }, { "type": "string" }] }), json!({ "type": "string" })),
            (
                json!({ "allOf": [{ "$ref": "#/$defs/A" }], "default": 1 }),
                json!({ "$ref": "#/$defs/A", "default": 1 }),
            ),
            (
                json!({ "type": "string", "allOf": [{ "type": "string", "enum": ["a"], "maxLength": 1 }] }),
                json!({ "type": "string", "enum": ["a"], "maxLength": 1 }),
            ),
            (
                json!({ "type": "string", "enum": ["a", "b"], "minLength": 1, "maxLength": 9, "format": "x" }),
                json!({ "type": "string", "enum": ["a", "b"] }),
            ),
            (
                json!({ "allOf": [{ "description": "Pet" }, { "$ref": "#/$defs/A" }] }),
                json!({ "description": "Pet", "$ref": "#/$defs/A" }),
            ),
            (json!({ "type": "integer", "format": "int64" }), json!({ "type": "integer" })),
            (json!({ "pattern": "^[0-9]+$", "format": "account" }), json!({ "pattern": "^[0-9]+$" })),
            (
                json!({ "type": "array", "minItems": 0, "additionalProperties": { "not": {} } }),
                json!({ "type": "array", "additionalProperties": false }),
            ),
        ] {
            assert_eq!(made(&long), short, "{long}");
        }
    }

    #[test]
    fn schema_is_not_rewritten_to_a_form_that_accepts_other_values() {
        for schema in [
            // Every value fits both alternatives or neither, so `oneOf` accepts nothing.
            json!({ "oneOf": [{ "type": "string" }, { "type": "string" }] }),
            json!({ "oneOf": [{ "const": 1 }, { "const": 1 }] }),
            // `null` is not among the constants, and references are not resolved here.
            json!({ "anyOf": [{ "type": "string", "const": "a" }, { "type": "null" }] }),
            json!({ "anyOf": [{ "$ref": "#/$defs/A" }, { "type": "null" }] }),
            // The keywords beside the list still apply.
            json!({ "anyOf": [{ "type": "string" }, { "type": "null" }], "maxLength": 3 }),
            json!({ "allOf": [{ "minLength": 3 }], "minLength": 2 }),
            json!({ "allOf": [{ "properties": { "a": {} } }], "additionalProperties": false }),
            json!({ "enum": ["a", "bc"], "maxLength": 1 }),
            json!({ "oneOf": [{ "const": 1, "type": "integer" }, { "const": 2 }] }),
        ] {
            assert_eq!(made(&schema), schema);
        }
    }

    fn made(schema: &Value) -> Value {
        let mut map = schema.as_object().cloned().unwrap_or_default();
        constants(&mut map);
        compact(&mut map);
        map.into()
    }
}
