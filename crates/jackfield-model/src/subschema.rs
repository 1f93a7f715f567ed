//! The schemas directly within a JSON Schema. No other module lists the keywords whose values contain schemas.

use serde_json::{Map, Value};

/// The kind of value of a JSON Schema keyword: data, one schema, or several schemas. Keywords of drafts before 2020-12 are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// No schema: data, a bound, an annotation, or the value of an unknown keyword.
    Data,
    /// One schema.
    Schema,
    /// One schema, or in drafts before 2020-12 an array of schemas: `items`.
    SchemaOrList,
    /// An array of schemas.
    List,
    /// An object of schemas by name. In `dependencies`, the values may also be arrays of names, which are data.
    Map,
}

impl Holds {
    /// Returns what the value of the keyword contains.
    pub fn of(keyword: &str) -> Self {
        match keyword {
            "additionalItems"
            | "additionalProperties"
            | "contains"
            | "contentSchema"
            | "else"
            | "if"
            | "not"
            | "propertyNames"
            | "then"
            | "unevaluatedItems"
            | "unevaluatedProperties" => Self::Schema,
            "items" => Self::SchemaOrList,
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => Self::List,
            "$defs" | "definitions" | "dependencies" | "dependentSchemas" | "patternProperties"
            | "properties" => Self::Map,
            _ => Self::Data,
        }
    }
}

/// The position of a schema within the value of its keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot<'k> {
    /// The schema is the value itself.
    Whole,
    /// The schema is an item of an array.
    Index(usize),
    /// The schema is a member of an object.
    Name(&'k str),
}

/// Visits the schemas in the value of a keyword, including boolean schemas. Returns whether the value
/// contains schemas; otherwise it is data.
pub fn subschemas_of<'s>(
    keyword: &str,
    value: &'s Value,
    mut visit: impl FnMut(Slot<'s>, &'s Value),
) -> bool {
    match (Holds::of(keyword), value) {
        (Holds::Schema | Holds::SchemaOrList, Value::Object(_) | Value::Bool(_)) => visit(Slot::Whole, value),
        (Holds::SchemaOrList | Holds::List, Value::Array(schemas)) => {
            schemas.iter().enumerate().for_each(|(at, schema)| visit(Slot::Index(at), schema));
        }
        (Holds::Map, Value::Object(schemas)) => {
            let schemas = schemas.iter().filter(|(_, schema)| !schema.is_array());
            schemas.for_each(|(name, schema)| visit(Slot::Name(name), schema));
        }
        _ => return false,
    }
    true
}

/// Visits the schemas directly within a schema, in their order, each with its keyword and its position.
pub fn subschemas<'s>(schema: &'s Map<String, Value>, mut visit: impl FnMut(&'s str, Slot<'s>, &'s Value)) {
    for (keyword, value) in schema {
        subschemas_of(keyword, value, |slot, schema| visit(keyword, slot, schema));
    }
}

/// Visits the schemas directly within a schema to change them, in the order of [`subschemas`].
pub fn subschemas_mut(schema: &mut Map<String, Value>, mut visit: impl FnMut(&str, Slot<'_>, &mut Value)) {
    for (keyword, value) in schema {
        match (Holds::of(keyword), value) {
            (Holds::Schema | Holds::SchemaOrList, value @ (Value::Object(_) | Value::Bool(_))) => {
                visit(keyword, Slot::Whole, value);
            }
            (Holds::SchemaOrList | Holds::List, Value::Array(schemas)) => {
                schemas
                    .iter_mut()
                    .enumerate()
                    .for_each(|(at, schema)| visit(keyword, Slot::Index(at), schema));
            }
            (Holds::Map, Value::Object(schemas)) => {
                let schemas = schemas.iter_mut().filter(|(_, schema)| !schema.is_array());
                schemas.for_each(|(name, schema)| visit(keyword, Slot::Name(name), schema));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Returns a schema with every keyword whose value contains schemas, and with data that only looks like schemas.
    fn full() -> Map<String, Value> {
        let schema = json!({
            "$defs": { "a": {} },
            "additionalItems": {},
            "additionalProperties": false,
            "allOf": [{}],
            "anyOf": [{}],
            "const": { "not": {} },
            "contains": {},
            "contentSchema": {},
            "default": { "items": {} },
            "definitions": { "enum": {} },
            "dependencies": { "a": {}, "b": ["c"] },
            "dependentRequired": { "a": ["b"] },
            "dependentSchemas": { "default": {} },
            "else": {},
            "enum": [{}],
            "examples": [{}],
            "if": {},
            "items": [{}, {}],
            "not": {},
            "oneOf": [{}],
            "patternProperties": { "^a": {} },
            "prefixItems": [{}],
            "properties": { "const": {} },
            "propertyNames": {},
            "then": {},
            "unevaluatedItems": {},
            "unevaluatedProperties": {},
            "x-note": { "properties": {} },
        });
        schema.as_object().cloned().unwrap_or_default()
    }

    fn place(keyword: &str, slot: Slot<'_>) -> String {
        match slot {
            Slot::Whole => keyword.to_owned(),
            Slot::Index(at) => format!("{keyword}/{at}"),
            Slot::Name(name) => format!("{keyword}/{name}"),
        }
    }

    #[test]
    fn subschemas_visits_every_subschema_and_skips_example_data() {
        let mut found = Vec::new();
        subschemas(&full(), |keyword, slot, _| found.push(place(keyword, slot)));
        let expected = [
            "$defs/a",
            "additionalItems",
            "additionalProperties",
            "allOf/0",
            "anyOf/0",
            "contains",
            "contentSchema",
            "definitions/enum",
            "dependencies/a",
            "dependentSchemas/default",
            "else",
            "if",
            "items/0",
            "items/1",
            "not",
            "oneOf/0",
            "patternProperties/^a",
            "prefixItems/0",
            "properties/const",
            "propertyNames",
            "then",
            "unevaluatedItems",
            "unevaluatedProperties",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn subschemas_and_subschemas_mut_visit_in_the_same_order() {
        let mut schema = full();
        let (mut read, mut changed) = (Vec::new(), Vec::new());
        subschemas(&schema, |keyword, slot, _| read.push(place(keyword, slot)));
        subschemas_mut(&mut schema, |keyword, slot, _| changed.push(place(keyword, slot)));
        assert_eq!(read, changed);
    }
}
