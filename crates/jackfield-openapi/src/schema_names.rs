//! The names that schemas give themselves: `$id`, `$anchor` and `$dynamicAnchor`.

use jackfield_model::{Holds, Pointer};
use serde_json::Value;

/// The keywords of OpenAPI and JSON Schema whose values are data. In data, `$id` and `$anchor` have no meaning.
const DATA: [&str; 5] = ["const", "default", "enum", "example", "examples"];
/// The keywords of OpenAPI whose values are maps with names as keys. In such a map, `default` is a response
/// and not a keyword.
const NAMES: [&str; 14] = [
    "additionalOperations",
    "callbacks",
    "content",
    "encoding",
    "headers",
    "links",
    "parameters",
    "pathItems",
    "paths",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
    "webhooks",
];

/// The name of a schema.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SchemaName {
    /// Whether the name is valid only within its file.
    pub(crate) is_anchor: bool,
    pub(crate) name: String,
    pub(crate) pointer: Pointer,
}

/// Returns the names in a file, in the order of the file.
pub(crate) fn schema_names(root: &Value) -> Vec<SchemaName> {
    let mut found = Vec::new();
    walk(root, false, &Pointer::root(), &mut found);
    found
}

/// Collects the names in a value. `has_names` says whether the keys of a mapping are names instead of
/// keywords.
fn walk(value: &Value, has_names: bool, here: &Pointer, found: &mut Vec<SchemaName>) {
    let is_deep = |value: &Value| value.is_object() || value.is_array();
    match value {
        Value::Object(map) => {
            for (key, is_anchor) in [("$anchor", true), ("$dynamicAnchor", true), ("$id", false)] {
                if let Some(Value::String(name)) = map.get(key).filter(|_| !has_names) {
                    let name = name.trim_end_matches('#').to_owned();
                    found.push(SchemaName { is_anchor, name, pointer: here.clone() });
                }
            }
            for (key, value) in map.iter().filter(|(_, value)| is_deep(value)) {
                if has_names {
                    walk(value, false, &here.child(key), found);
                } else if !DATA.contains(&key.as_str()) {
                    let has_names = NAMES.contains(&key.as_str()) || Holds::of(key) == Holds::Map;
                    walk(value, has_names, &here.child(key), found);
                }
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate().filter(|(_, value)| is_deep(value)) {
                walk(value, false, &here.index(at), found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn id_and_anchor_in_example_data_are_not_schema_names() {
        let root = json!({
            "paths": { "/books": { "get": { "responses": {
                "default": { "content": { "a/b": {
                    "example": { "$id": "no" },
                    "schema": { "$id": "https://example.com/a#", "default": { "$anchor": "no" } },
                } } },
            } } } },
            "components": {
                "examples": { "a": { "value": { "$id": "no" } } },
                "schemas": { "enum": { "properties": {
                    "default": { "$anchor": "b" },
                    "$id": { "type": "string" },
                } } },
            },
        });
        let found = schema_names(&root);
        let found: Vec<_> =
            found.iter().map(|it| (it.is_anchor, it.name.as_str(), it.pointer.as_str())).collect();
        assert_eq!(
            found,
            [
                (false, "https://example.com/a", "/paths/~1books/get/responses/default/content/a~1b/schema"),
                (true, "b", "/components/schemas/enum/properties/default"),
            ]
        );
    }
}
