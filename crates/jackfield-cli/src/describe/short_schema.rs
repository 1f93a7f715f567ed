//! Shortens the schema of an argument for a request.

use jackfield_build::model::text::shorten;
use serde_json::{Map, Value, json};

/// Keywords whose values are kept.
const KEPT: [&str; 18] = [
    "type",
    "format",
    "const",
    "default",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "deprecated",
    "enum",
    "description",
];
/// The maximum number of characters of a text.
const LONGEST: usize = 300;
const MOST_VALUES: usize = 20;
const MOST_BRANCHES: usize = 4;
/// The maximum depth of nested schemas.
const DEEPEST: usize = 2;
/// The maximum number of bytes of the result.
const MOST_BYTES: usize = 2_000;

/// Returns the schema with only the facts that a text can mention. References are resolved in `defs`.
pub(super) fn shortened(schema: &Value, defs: Option<&Value>) -> Value {
    let short = level(schema, defs, 0);
    match short.to_string().len() > MOST_BYTES {
        true => json!({ "type": schema.get("type"), "shortened": true }),
        false => short,
    }
}

fn level(schema: &Value, defs: Option<&Value>, depth: usize) -> Value {
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/$defs/"));
    if let Some(name) = name {
        let target = defs.and_then(|defs| defs.get(name));
        return match target.filter(|_| depth < DEEPEST) {
            Some(target) => level(target, defs, depth + 1),
            None => json!({ "named": shorten(name, LONGEST) }),
        };
    }
    let mut short = Map::new();
    for key in KEPT {
        if let Some(value) = schema.get(key) {
            short.insert(key.to_owned(), small(value));
        }
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        short.insert("properties".to_owned(), names(properties));
    }
    if depth >= DEEPEST {
        return short.into();
    }
    if let Some(items) = schema.get("items") {
        short.insert("items".to_owned(), level(items, defs, depth + 1));
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(branches) = schema.get(key).and_then(Value::as_array) {
            let branches = branches.iter().take(MOST_BRANCHES).map(|branch| level(branch, defs, depth + 1));
            short.insert(key.to_owned(), branches.collect());
        }
    }
    short.into()
}

fn names(properties: &Map<String, Value>) -> Value {
    properties.keys().take(MOST_VALUES).map(|name| shorten(name, LONGEST)).collect::<Vec<_>>().into()
}

/// Returns a copy of the value in which strings and arrays are shortened.
fn small(value: &Value) -> Value {
    match value {
        Value::String(text) => shorten(text, LONGEST).into(),
        Value::Array(items) => items
            .iter()
            .take(MOST_VALUES)
            .filter(|item| !item.is_array() && !item.is_object())
            .map(small)
            .collect(),
        Value::Object(_) => json!({ "shortened": true }),
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortened_schema_keeps_facts_and_drops_deep_levels() {
        let defs = json!({
            "Book": { "type": "object", "properties": { "id": { "type": "string" }, "self": { "$ref": "#/$defs/Book" } } },
        });
        for (schema, expected) in [
            (
                json!({ "type": "integer", "maximum": 5, "example": 3 }),
                json!({ "type": "integer", "maximum": 5 }),
            ),
            (json!({ "$ref": "#/$defs/Book" }), json!({ "type": "object", "properties": ["id", "self"] })),
            (
                json!({ "type": "array", "items": { "$ref": "#/$defs/Book" } }),
                json!({ "type": "array", "items": { "type": "object", "properties": ["id", "self"] } }),
            ),
            (json!({ "$ref": "#/$defs/None" }), json!({ "named": "None" })),
            (
                json!({ "anyOf": [{ "type": "null" }, { "anyOf": [{ "anyOf": [{ "type": "string" }] }] }] }),
                json!({ "anyOf": [{ "type": "null" }, { "anyOf": [{}] }] }),
            ),
        ] {
            assert_eq!(shortened(&schema, Some(&defs)), expected, "{schema}");
        }
    }

    #[test]
    fn shortened_schema_does_not_exceed_the_size_limit() {
        let many: Vec<String> = (0..1000).map(|at| format!("{at}{}", "x".repeat(400))).collect();
        let short = shortened(&json!({ "type": "string", "enum": many }), None);
        assert_eq!(short, json!({ "type": "string", "shortened": true }));
        let mut deep = json!({});
        for _ in 0..50 {
            deep = json!({ "items": deep });
        }
        assert_eq!(shortened(&deep, None), json!({ "items": { "items": {} } }));
    }
}
