use std::collections::BTreeMap;

use serde_json::Value;

/// A JSON Schema 2020-12, lifted out of a document whole. References point to `#/$defs/NAME` of the [`Pool`].
#[derive(Clone, Debug, PartialEq)]
pub struct Schema(Value);

impl Schema {
    /// Takes a schema; a boolean becomes an object, because some clients refuse the whole tool list over a `true`.
    pub fn new(value: Value) -> Self {
        match value {
            Value::Object(_) => Self(value),
            Value::Bool(false) => Self(serde_json::json!({ "not": {} })),
            _ => Self::any(),
        }
    }

    /// The schema that everything fits.
    pub fn any() -> Self {
        Self(Value::Object(serde_json::Map::new()))
    }

    /// The JSON of it, always an object.
    pub const fn as_value(&self) -> &Value {
        &self.0
    }

    /// The JSON of it, always an object.
    pub fn into_value(self) -> Value {
        self.0
    }

    /// The pool names that this schema refers to, itself and not through others.
    pub fn refs(&self) -> Vec<&str> {
        let mut found = Vec::new();
        collect_refs(&self.0, &mut found);
        found
    }
}

/// Shared schemas by name.
pub type Defs = BTreeMap<String, Schema>;

/// All shared schemas of a connector, in two projections.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// What may be sent: no `readOnly` property.
    pub send: Defs,
    /// What may come back: no `writeOnly` property.
    pub receive: Defs,
    /// What is promised of what comes back, where something is: shapes without conditions.
    pub output: Defs,
}

/// Finds `"$ref": "#/$defs/NAME"` where a schema can stand, never in data such as `enum` or `default`.
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
    fn refs_are_found_in_schemas_and_not_in_data() {
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
    fn a_schema_is_always_an_object() {
        assert_eq!(Schema::new(json!(true)).into_value(), json!({}));
        assert_eq!(Schema::new(json!(false)).into_value(), json!({ "not": {} }));
    }
}
