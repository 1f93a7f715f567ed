//! Checks input schemas for everything that clients are known to refuse, independently of the code that creates the schemas.

use jackfield_model::{Holds, Slot, subschemas_of};
use regress::{Flags, Regex};
use serde_json::Value;

/// Returns the problems of a tool's input schema, with their positions. Some clients refuse a whole list of tools because of one
/// invalid schema.
///
/// The root has to be an object schema, references have to resolve within the schema, patterns have to be ECMAScript
/// with and without the unicode flag, and properties must not be the schema `true`.
pub fn schema_faults(schema: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        faults.push("/: the root is not an object".to_owned());
    }
    for key in ["oneOf", "anyOf", "allOf", "not", "if", "enum", "const", "$ref"] {
        if schema.get(key).is_some() {
            faults.push(format!("/{key}: the root has `{key}`, which clients refuse"));
        }
    }
    look(schema, schema, "", &mut faults);
    faults
}

/// Checks a schema and its subschemas, but not data such as `enum`.
fn look(root: &Value, schema: &Value, place: &str, faults: &mut Vec<String>) {
    let Value::Object(map) = schema else {
        if !schema.is_boolean() {
            faults.push(format!("{place}: not a schema"));
        }
        return;
    };
    for (key, value) in map {
        let here = format!("{place}/{key}");
        match (key.as_str(), value) {
            ("$ref", Value::String(target)) => {
                let found = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
                if found.is_none() {
                    faults.push(format!("{here}: `{target}` does not exist"));
                }
            }
            ("$ref", _) => faults.push(format!("{here}: not a reference")),
            ("pattern", Value::String(pattern)) => faults.extend(pattern_fault(&here, pattern)),
            ("pattern", _) => faults.push(format!("{here}: this is not a pattern")),
            _ => look_below(root, key, value, &here, faults),
        }
    }
}

/// Checks the schemas in the value of a keyword.
fn look_below(root: &Value, keyword: &str, value: &Value, place: &str, faults: &mut Vec<String>) {
    let is_read = subschemas_of(keyword, value, |slot, schema| match slot {
        Slot::Whole => look(root, schema, place, faults),
        Slot::Index(at) => look(root, schema, &format!("{place}/{at}"), faults),
        Slot::Name(name) => {
            if keyword == "patternProperties" {
                faults.extend(pattern_fault(place, name));
            } else if schema.is_boolean() {
                faults.push(format!("{place}/{name}: this is the boolean schema {schema}"));
            }
            look(root, schema, &format!("{place}/{name}"), faults);
        }
    });
    if !is_read && Holds::of(keyword) != Holds::Data {
        faults.push(format!("{place}: this contains no schema"));
    }
}

fn pattern_fault(place: &str, pattern: &str) -> Option<String> {
    [true, false].into_iter().find_map(|unicode| {
        let flags = Flags { unicode, ..Flags::default() };
        let error = Regex::from_unicode(pattern.chars().map(u32::from), flags).err()?;
        let mode = if unicode { " with the unicode flag" } else { "" };
        Some(format!("{place}: {pattern:?} is not an ECMAScript pattern{mode}: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_invalid_schema_keyword_is_reported() {
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
