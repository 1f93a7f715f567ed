//! A check of our own on schemas that leave: what a client may stumble over, whatever our own code thinks of it.

use jackfield_model::{Holds, Slot, subschemas_of};
use regress::{Flags, Regex};
use serde_json::Value;

/// What is wrong with the input schema of a tool, each with its place; one such schema can cost a user the whole list.
///
/// Its root is a plain object, every reference resolves within it, every pattern is ECMAScript with the unicode flag
/// and without, and no property is a bare `true`.
pub fn schema_faults(schema: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        faults.push("/: the root is no object".to_owned());
    }
    for key in ["oneOf", "anyOf", "allOf", "not", "if", "enum", "const", "$ref"] {
        if schema.get(key).is_some() {
            faults.push(format!("/{key}: the root is more than an object"));
        }
    }
    look(schema, schema, "", &mut faults);
    faults
}

/// Looks through a schema. What stands in data such as `enum` is none.
fn look(root: &Value, schema: &Value, place: &str, faults: &mut Vec<String>) {
    let Value::Object(map) = schema else {
        if !schema.is_boolean() {
            faults.push(format!("{place}: this is no schema"));
        }
        return;
    };
    for (key, value) in map {
        let here = format!("{place}/{key}");
        match (key.as_str(), value) {
            ("$ref", Value::String(target)) => {
                let found = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
                if found.is_none() {
                    faults.push(format!("{here}: `{target}` leads nowhere"));
                }
            }
            ("$ref", _) => faults.push(format!("{here}: this is no reference")),
            ("pattern", Value::String(pattern)) => faults.extend(pattern_fault(&here, pattern)),
            ("pattern", _) => faults.push(format!("{here}: this is no pattern")),
            _ => look_below(root, key, value, &here, faults),
        }
    }
}

/// Looks through the schemas in the value of a keyword.
fn look_below(root: &Value, keyword: &str, value: &Value, place: &str, faults: &mut Vec<String>) {
    let is_read = subschemas_of(keyword, value, |slot, schema| match slot {
        Slot::Whole => look(root, schema, place, faults),
        Slot::Index(at) => look(root, schema, &format!("{place}/{at}"), faults),
        Slot::Name(name) => {
            if keyword == "patternProperties" {
                faults.extend(pattern_fault(place, name));
            } else if schema.is_boolean() {
                faults.push(format!("{place}/{name}: this is a bare {schema}"));
            }
            look(root, schema, &format!("{place}/{name}"), faults);
        }
    });
    if !is_read && Holds::of(keyword) != Holds::Data {
        faults.push(format!("{place}: this holds no schema"));
    }
}

fn pattern_fault(place: &str, pattern: &str) -> Option<String> {
    [true, false].into_iter().find_map(|unicode| {
        let flags = Flags { unicode, ..Flags::default() };
        let error = Regex::from_unicode(pattern.chars().map(u32::from), flags).err()?;
        let mode = if unicode { " with the unicode flag" } else { "" };
        Some(format!("{place}: {pattern:?} is no ECMAScript{mode}: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_wrong_is_found() {
        let fine = json!({
            "type": "object",
            "properties": {
                "a": { "$ref": "#/$defs/A" },
                "b": { "enum": [{ "$ref": "data" }] },
                "pattern": { "type": "string", "pattern": "^[a-z]+$" },
            },
            "additionalProperties": false,
            "$defs": { "A": { "items": { "$ref": "#/$defs/A" } } },
        });
        assert_eq!(schema_faults(&fine), Vec::<String>::new());
        let broken = json!({
            "anyOf": [{ "$ref": "#/$defs/B" }],
            "properties": { "a": true, "b": { "items": { "pattern": "(?i)a" } }, "c": { "pattern": "\\@" } },
            "patternProperties": { "[": {} },
            "allOf": {},
            "dependencies": { "a": { "$ref": "#/nowhere" }, "b": ["a"] },
        });
        let faults = schema_faults(&broken);
        assert_eq!(faults.len(), 10, "{faults:#?}");
    }
}
