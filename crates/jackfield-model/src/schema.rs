use std::collections::BTreeMap;

use serde_json::Value;

use crate::subschema::subschemas_of;

/// A JSON Schema (2020-12). References have the form `#/$defs/NAME` and lead to schemas of the [`Pool`].
#[derive(Clone, Debug, PartialEq)]
pub struct Schema(Value);

impl Schema {
    /// Wraps a schema. A boolean schema becomes an object, because some clients refuse a whole tool list that contains the schema `true`.
    pub fn new(value: Value) -> Self {
        match value {
            Value::Object(_) => Self(value),
            Value::Bool(false) => Self(serde_json::json!({ "not": {} })),
            _ => Self::any(),
        }
    }

    /// Returns the schema that accepts every value.
    pub fn any() -> Self {
        Self(Value::Object(serde_json::Map::new()))
    }

    /// Returns the schema as JSON, always an object.
    pub const fn as_value(&self) -> &Value {
        &self.0
    }

    /// Returns the schema as JSON, always an object.
    pub fn into_value(self) -> Value {
        self.0
    }

    /// Changes the schema's JSON in place. A boolean result becomes an object, as in [`Schema::new`].
    pub fn edit(&mut self, change: impl FnOnce(&mut Value)) {
        let mut value = std::mem::replace(self, Self::any()).into_value();
        change(&mut value);
        *self = Self::new(value);
    }

    /// Returns the names of pool schemas to which this schema refers directly.
    pub fn refs(&self) -> Vec<&str> {
        let mut found = Vec::new();
        collect_refs(&self.0, &mut found);
        found
    }
}

/// Shared schemas by name.
pub type Defs = BTreeMap<String, Schema>;

/// The shared schemas of a connector, in one variant for each direction of data.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// Schemas of requests, without `readOnly` properties.
    pub send: Defs,
    /// Schemas of responses, without `writeOnly` properties.
    pub receive: Defs,
    /// Output schemas of tools. They describe the structure of responses, without assertions that real responses often violate.
    pub output: Defs,
}

/// Collects `"$ref": "#/$defs/NAME"` from schemas, but not from data such as `enum` or `default`.
fn collect_refs<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
    let Value::Object(map) = schema else { return };
    for (keyword, value) in map {
        match (keyword.as_str(), value) {
            ("$ref", Value::String(target)) => found.extend(target.strip_prefix("#/$defs/")),
            _ => _ = subschemas_of(keyword, value, |_, schema| collect_refs(schema, found)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn refs_are_collected_from_schemas_but_not_from_data() {
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
    fn refs_in_keywords_of_older_drafts_are_found() {
        let schema = Schema::new(json!({
            "definitions": { "default": { "$ref": "#/$defs/A" } },
            "dependencies": { "const": { "$ref": "#/$defs/B" }, "name": ["$ref"] },
        }));
        assert_eq!(schema.refs(), ["A", "B"]);
    }

    #[test]
    fn refs_in_unknown_keywords_are_ignored() {
        let schema = Schema::new(json!({ "x-source": { "$ref": "#/$defs/Data" } }));
        assert!(schema.refs().is_empty());
    }

    #[test]
    fn boolean_schema_becomes_an_equivalent_object_schema() {
        assert_eq!(Schema::new(json!(true)).into_value(), json!({}));
        assert_eq!(Schema::new(json!(false)).into_value(), json!({ "not": {} }));
    }
}
