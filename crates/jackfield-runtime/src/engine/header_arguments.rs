//! Arguments that clients repeat in headers, since revision 2026-07-28.

use serde_json::{Map, Value};

/// The keyword of a property's schema that names the header.
const KEYWORD: &str = "x-mcp-header";
/// The maximum depth of a property with a header.
const DEEPEST: usize = 16;

/// Whether an input schema has a property that clients repeat in a header.
pub fn repeats_in_headers(schema: &Map<String, Value>) -> bool {
    let mut repeats = false;
    visit(schema, None, 0, &mut |_, _| repeats = true);
    repeats
}

/// Returns the arguments that clients repeat in headers, each with the name in the keyword.
pub fn header_arguments<'v>(
    schema: &'v Map<String, Value>,
    arguments: &'v Map<String, Value>,
) -> Vec<(&'v str, &'v Value)> {
    let mut found = Vec::new();
    visit(schema, Some(arguments), 0, &mut |name, argument| found.extend(name.as_str().zip(argument)));
    found
}

/// Calls `found` with the value of the keyword and with the argument, for each property that has the keyword. If arguments are given,
/// properties without an argument are skipped.
fn visit<'v>(
    schema: &'v Map<String, Value>,
    arguments: Option<&'v Map<String, Value>>,
    depth: usize,
    found: &mut dyn FnMut(&'v Value, Option<&'v Value>),
) {
    let Some(Value::Object(properties)) = schema.get("properties") else { return };
    for (property, schema) in properties {
        let argument = arguments.and_then(|arguments| arguments.get(property));
        let (Some(schema), false) = (schema.as_object(), arguments.is_some() && argument.is_none()) else {
            continue;
        };
        if let Some(name) = schema.get(KEYWORD) {
            found(name, argument);
        }
        let inner = argument.and_then(Value::as_object);
        if depth < DEEPEST && inner.is_some() == arguments.is_some() {
            visit(schema, inner, depth + 1, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_properties_of_objects_are_repeated_in_headers() {
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

    #[test]
    fn deeply_nested_property_is_not_repeated_in_a_header() {
        for (levels, expected) in [(DEEPEST, true), (DEEPEST + 1, false)] {
            let mut schema = json!({ "properties": { "a": { "x-mcp-header": "Region" } } });
            let mut arguments = json!({ "a": "eu" });
            for _ in 0..levels {
                schema = json!({ "properties": { "a": schema } });
                arguments = json!({ "a": arguments });
            }
            let (schema, arguments) = (schema.as_object().unwrap(), arguments.as_object().unwrap());
            assert_eq!(repeats_in_headers(schema), expected, "{levels}");
            assert_eq!(header_arguments(schema, arguments).len(), usize::from(expected), "{levels}");
        }
    }
}
