//! Removes `readOnly` properties from schemas of requests, and `writeOnly` properties from schemas of responses.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::projection::Projection;
use super::trail::Trail;
use crate::budget::Walk;
use crate::document::{Document, Node};

/// Removes the properties of a schema that its direction excludes.
pub(super) fn remove(
    document: &Document,
    map: &Map<String, Value>,
    trail: &Trail<'_>,
    out: &mut Map<String, Value>,
) {
    let Some(Value::Object(declared)) = map.get("properties") else { return };
    let place = trail.child("properties");
    let (file, projection) = (trail.file, trail.projection);
    let is_hidden = |(name, value): &(&String, &Value)| {
        may_be_hidden(value, projection) && {
            let pointer = place.child(name).pointer();
            is_hidden(&Node { document, file, value, pointer }, projection)
        }
    };
    let hidden: BTreeSet<&str> = declared.iter().filter(is_hidden).map(|(name, _)| name.as_str()).collect();
    if hidden.is_empty() {
        return;
    }
    if let Some(Value::Object(properties)) = out.get_mut("properties") {
        properties.retain(|name, _| !hidden.contains(name.as_str()));
    }
    let is_sent = |name: &Value| !name.as_str().is_some_and(|name| hidden.contains(name));
    if let Some(Value::Array(required)) = out.get_mut("required") {
        required.retain(is_sent);
        if required.is_empty() {
            out.shift_remove("required");
        }
    }
    if let Some(Value::Object(lists)) = out.get_mut("dependentRequired") {
        lists.retain(|name, list| {
            let Value::Array(required) = list else { return false };
            required.retain(is_sent);
            !hidden.contains(name.as_str()) && !required.is_empty()
        });
        if lists.is_empty() {
            out.shift_remove("dependentRequired");
        }
    }
}

/// Whether the direction excludes a property. The property's schema decides, and the schemas of which that schema is composed.
pub(super) fn is_hidden(node: &Node<'_>, projection: Projection) -> bool {
    may_be_hidden(node.value, projection) && is_made_of_hidden(node, projection, &mut Walk::new(), 0)
}

/// Whether a schema may contain properties that the direction excludes, judged by the schema's own keywords. Most
/// schemas contain none.
fn may_be_hidden(schema: &Value, projection: Projection) -> bool {
    let Some(map) = schema.as_object() else { return false };
    map.get(projection.hidden_by()) == Some(&Value::Bool(true))
        || map.get("$ref").is_some_and(Value::is_string)
        || map.contains_key("allOf")
}

/// The maximum number of nested references and `allOf`s in which `readOnly` is searched for.
const DEEPEST: usize = 8;

fn is_made_of_hidden(node: &Node<'_>, projection: Projection, walk: &mut Walk, depth: usize) -> bool {
    let says_so = |node: &Node<'_>| node.value.get(projection.hidden_by()) == Some(&Value::Bool(true));
    if says_so(node) {
        return true;
    }
    let Some(node) = (depth <= DEEPEST).then(|| walk.enter(node)).flatten() else { return false };
    says_so(&node)
        || node
            .get("allOf")
            .iter()
            .flat_map(Node::items)
            .any(|part| is_made_of_hidden(&part, projection, walk, depth + 1))
}
