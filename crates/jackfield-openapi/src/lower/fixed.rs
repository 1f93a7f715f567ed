//! Values that are sent without an argument, because the document allows only one value.

use serde_json::Value;

use crate::budget::Walk;
use crate::document::Node;

/// The maximum number of nested `allOf`s in which a constant is searched for.
const DEEPEST: usize = 8;

/// Returns the only value that a required input can have: its `const`, or the only value of its `enum`.
pub(crate) fn only_value(node: &Node<'_>) -> Option<Value> {
    within(node, &mut Walk::new(), 0)
}

fn within(node: &Node<'_>, walk: &mut Walk, depth: usize) -> Option<Value> {
    let node = (depth < DEEPEST).then(|| walk.enter(node)).flatten()?;
    let map = node.as_object()?;
    if ["nullable", "x-nullable"].iter().any(|key| map.get(*key) == Some(&Value::Bool(true))) {
        return None;
    }
    let value = match (map.get("const"), map.get("enum")) {
        (Some(value), _) => value.clone(),
        (None, Some(Value::Array(values))) => match values.as_slice() {
            [one] => one.clone(),
            _ => return None,
        },
        _ => {
            let parts = node.get("allOf")?;
            return parts.items().find_map(|part| within(&part, walk, depth + 1));
        }
    };
    let fits = |kind: &str| match (kind, &value) {
        ("string", Value::String(_)) | ("boolean", Value::Bool(_)) | ("number", Value::Number(_)) => true,
        ("integer", Value::Number(number)) => number.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => false,
    };
    // If type and value contradict each other, the input remains an argument.
    let settled = match map.get("type") {
        None => value.is_string() || value.is_boolean() || value.is_number(),
        Some(Value::String(kind)) => fits(kind),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).any(fits),
        Some(_) => false,
    };
    settled.then_some(value)
}
