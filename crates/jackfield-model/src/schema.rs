use std::collections::BTreeMap;

use serde_json::Value;

/// A JSON Schema 2020-12 from a document. References point to `#/$defs/NAME` in the [`Pool`].
#[derive(Clone, Debug, PartialEq)]
pub struct Schema(Value);

impl Schema {
    /// Wraps a schema. A boolean becomes an object, because some clients refuse a whole tool list that contains `true`.
    pub fn new(value: Value) -> Self {
        match value {
            Value::Object(_) => Self(value),
            Value::Bool(false) => Self(serde_json::json!({ "not": {} })),
            _ => Self::any(),
        }
    }

    /// The schema that accepts every value.
    pub fn any() -> Self {
        Self(Value::Object(serde_json::Map::new()))
    }

    /// The schema as JSON, always an object.
    pub const fn as_value(&self) -> &Value {
        &self.0
    }

    /// The schema as JSON, always an object.
    pub fn into_value(self) -> Value {
        self.0
    }

    /// The names in the pool that this schema refers to directly.
    pub fn refs(&self) -> Vec<&str> {
        let mut found = Vec::new();
        collect_refs(&self.0, &mut found);
        found
    }
}

/// Shared schemas by name.
pub type Defs = BTreeMap<String, Schema>;

/// The shared schemas of a connector, as they are sent and as they are received.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// Schemas of requests, without `readOnly` properties.
    pub send: Defs,
    /// Schemas of responses, without `writeOnly` properties.
    pub receive: Defs,
    /// Output schemas: names and types only, without constraints.
    pub output: Defs,
}

/// Collects `"$ref": "#/$defs/NAME"` in schemas, but not in data such as `enum` or `default`.
fn collect_refs<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("$ref", Value::String(target)) => found.extend(target.strip_prefix("#/$defs/")),
                    ("enum" | "const" | "default" | "example" | "examples", _) => {}
                    (
                        "properties" | "patternProperties" | "$defs" | "dependentSchemas",
                        Value::Object(children),
                    ) => {
                        children.values().for_each(|child| collect_refs(child, found));
                    }
                    _ => collect_refs(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_refs(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn refs_are_found_in_schemas_but_not_in_data() {
        let schema = Schema::new(json!({
            "properties": {
                "$ref": { "type": "string" },
                "default": { "$ref": "#/$defs/A" },
                "kind": { "enum": [{ "$ref": "#/$defs/Data" }] },
            },
            "allOf": [{ "$ref": "#/$defs/B" }],
        }));
        assert_eq!(schema.refs(), ["A", "B"]);
    }

    #[test]
    fn boolean_schema_becomes_an_object() {
        assert_eq!(Schema::new(json!(true)).into_value(), json!({}));
        assert_eq!(Schema::new(json!(false)).into_value(), json!({ "not": {} }));
    }
}
