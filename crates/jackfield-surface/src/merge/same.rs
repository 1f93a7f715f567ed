//! Compares the schemas of arguments that several operations have.

use serde_json::{Map, Value};

/// The keywords that describe a schema and do not change what it accepts.
const ANNOTATIONS: [&str; 7] =
    ["title", "description", "default", "example", "examples", "deprecated", "$comment"];

/// The keywords whose members are named by the document.
const NAMED: [&str; 5] = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/// Whether two schemas accept the same values by the same keywords.
pub(super) fn accept_the_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => same_keywords(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| accept_the_same(one, other))
        }
        _ => one == other,
    }
}

fn same_keywords(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    let counted = |map: &Map<String, Value>| map.keys().filter(|key| !is_annotation(key)).count();
    counted(one) == counted(other)
        && one.iter().filter(|(key, _)| !is_annotation(key)).all(|(key, value)| {
            other.get(key).is_some_and(|next| match (value, next) {
                // The values of these keywords are data.
                _ if ["const", "enum"].contains(&key.as_str()) => value == next,
                (Value::Object(value), Value::Object(next)) if NAMED.contains(&key.as_str()) => {
                    value.len() == next.len()
                        && value.iter().all(|(name, schema)| {
                            next.get(name).is_some_and(|next| accept_the_same(schema, next))
                        })
                }
                _ => accept_the_same(value, next),
            })
        })
}

fn is_annotation(keyword: &str) -> bool {
    ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::accept_the_same;

    #[test]
    fn schemas_that_differ_only_in_descriptions_are_equal() {
        for (one, other, expected) in [
            (json!({"type": "integer", "description": "a"}), json!({"type": "integer", "default": 3}), true),
            (json!({"type": "integer"}), json!({"type": "string"}), false),
            (json!({"type": "integer"}), json!({"type": "integer", "maximum": 3}), false),
            (
                json!({"items": {"$ref": "#/$defs/Line", "description": "a"}}),
                json!({"items": {"$ref": "#/$defs/Line"}}),
                true,
            ),
            // A property may have the name of a keyword.
            (
                json!({"properties": {"title": {"type": "string"}}}),
                json!({"properties": {"title": {"type": "integer"}}}),
                false,
            ),
            (
                json!({"properties": {"title": {"type": "string"}}}),
                json!({"properties": {"default": {"type": "string"}}}),
                false,
            ),
            (json!({"enum": [{"title": "a"}]}), json!({"enum": [{"title": "b"}]}), false),
            (json!({"const": {"title": "a"}}), json!({"const": {"title": "b"}}), false),
        ] {
            assert_eq!(accept_the_same(&one, &other), expected, "{one} and {other}");
            assert_eq!(accept_the_same(&other, &one), expected, "{other} and {one}");
        }
    }
}
