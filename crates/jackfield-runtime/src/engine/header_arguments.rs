//! Arguments that clients repeat in headers, since revision 2026-07-28.

use serde_json::{Map, Value};

/// The keyword of a property's schema that names the header.
const KEYWORD: &str = "x-mcp-header";
/// How deep a property with a header may be.
const DEEPEST: usize = 16;

/// Whether an input schema has a property that clients repeat in a header.
pub fn repeats_in_headers(schema: &Map<String, Value>) -> bool {
    has_keyword(schema, 0)
}

fn has_keyword(schema: &Map<String, Value>, depth: usize) -> bool {
    let Some(Value::Object(properties)) = schema.get("properties") else { return false };
    let mut properties = properties.values().filter_map(Value::as_object);
    properties.any(|it| it.contains_key(KEYWORD) || depth < DEEPEST && has_keyword(it, depth + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn header_is_found_on_properties_alone() {
        let named = json!({ "type": "string", "x-mcp-header": "Region" });
        for (schema, expected) in [
            (json!({ "properties": { "region": named } }), true),
            (json!({ "properties": { "deep": { "properties": { "region": named } } } }), true),
            (json!({ "properties": { "list": { "items": named } } }), false),
            (json!({ "x-mcp-header": "Region", "properties": { "a": true } }), false),
            (json!({}), false),
        ] {
            assert_eq!(repeats_in_headers(schema.as_object().unwrap()), expected, "{schema}");
        }
    }
}
