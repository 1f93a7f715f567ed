//! Adds a type to schemas that imply a type but do not declare it.

use serde_json::{Map, Value, json};

use super::trail::Trail;

/// Keywords that determine the type, in the schema itself or in another schema.
const DECIDING: [&str; 9] = ["type", "$ref", "enum", "const", "allOf", "anyOf", "oneOf", "not", "if"];

/// Adds the type that `properties` or `items` implies. Without a type, such a schema also accepts any text or number, and models and
/// clients that need a type guess one. Only the schema of a value gets a type. A schema within a condition or a combination may exist only
/// for its other assertions.
pub(super) fn add_type(map: &Map<String, Value>, trail: &Trail<'_>, out: &mut Map<String, Value>) {
    if DECIDING.iter().any(|key| out.contains_key(*key)) {
        return;
    }
    let has_properties = out.get("properties").and_then(Value::as_object).is_some_and(|all| !all.is_empty());
    let has_items = ["items", "prefixItems"].iter().any(|key| out.contains_key(*key));
    let name = match (has_properties, has_items) {
        (true, false) => "object",
        (false, true) => "array",
        _ => return,
    };
    if !trail.is_of_a_value() {
        return;
    }
    let is_nullable = ["nullable", "x-nullable"].iter().any(|key| map.get(*key) == Some(&Value::Bool(true)));
    out.insert("type".into(), if is_nullable { json!([name, "null"]) } else { name.into() });
}
