//! Converts `nullable` of 3.0 to its equivalent in later versions.

use serde_json::{Map, Value, json};

/// Allows null if the schema has `nullable: true`.
pub(super) fn nullable(map: &Map<String, Value>, mut out: Map<String, Value>) -> Value {
    if !["nullable", "x-nullable"].iter().any(|key| map.get(*key) == Some(&Value::Bool(true))) {
        return Value::Object(out);
    }
    if let Some(Value::Array(values)) = out.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    if let Some(kind) = out.get_mut("type") {
        *kind = match kind.take() {
            Value::String(name) if name != "null" => json!([name, "null"]),
            Value::Array(mut names) => {
                if !names.iter().any(|name| name == "null") {
                    names.push("null".into());
                }
                names.into()
            }
            other => other,
        };
        return Value::Object(out);
    }
    // Without a type, null becomes an alternative of the whole schema. An empty schema already allows null.
    if !["$ref", "allOf", "anyOf", "oneOf", "enum"].iter().any(|key| out.contains_key(*key)) {
        return Value::Object(out);
    }
    let mut outer = Map::new();
    for key in ["title", "description", "default", "deprecated", "examples"] {
        if let Some(value) = out.shift_remove(key) {
            outer.insert(key.to_owned(), value);
        }
    }
    outer.insert("anyOf".into(), json!([out, { "type": "null" }]));
    Value::Object(outer)
}
