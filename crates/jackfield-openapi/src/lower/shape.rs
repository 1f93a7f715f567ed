//! Questions about the values that a schema describes. References and compositions are followed.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::budget::Walk;
use crate::document::Node;

/// The maximum number of nested compositions to follow.
const DEEPEST: usize = 8;

/// Returns the properties that an object may have, including properties from compositions.
pub(crate) fn properties<'d>(schema: &Node<'d>) -> Vec<(String, Node<'d>)> {
    let mut found = Found::default();
    found.gather(schema, &mut Walk::new(), 0);
    found.properties
}

/// Properties in the order of the document, without duplicates.
#[derive(Default)]
struct Found<'d> {
    properties: Vec<(String, Node<'d>)>,
    names: BTreeSet<&'d str>,
}

impl<'d> Found<'d> {
    fn gather(&mut self, schema: &Node<'d>, walk: &mut Walk, depth: usize) {
        let Some(schema) = (depth < DEEPEST).then(|| walk.enter(schema)).flatten() else { return };
        for (name, property) in schema.get("properties").iter().flat_map(Node::entries) {
            schema.document.budget.copy(property.pointer.as_str().len());
            if self.names.insert(name) {
                self.properties.push((name.to_owned(), property));
            }
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            for part in schema.get(key).iter().flat_map(Node::items) {
                self.gather(&part, walk, depth + 1);
            }
        }
    }
}

/// Whether a schema describes a string, a number or a boolean.
pub(crate) fn is_scalar(node: &Node<'_>) -> bool {
    let kind = node.resolve().ok().and_then(|node| node.text("type"));
    matches!(kind, Some("string" | "integer" | "number" | "boolean"))
}

/// Whether a schema describes more than a string, a number or a boolean.
pub(crate) fn is_structured(node: &Node<'_>) -> bool {
    let Ok(node) = node.resolve() else { return false };
    let within = ["properties", "additionalProperties", "items", "allOf", "anyOf", "oneOf"];
    within.iter().any(|key| node.get(key).is_some()) || matches!(node.text("type"), Some("object" | "array"))
}

/// Whether a schema describes an array.
pub(crate) fn is_list(node: &Node<'_>) -> bool {
    node.resolve().is_ok_and(|node| node.text("type") == Some("array") || node.get("items").is_some())
}

/// Whether a schema describes objects only, apart from null.
pub(crate) fn is_object(node: &Node<'_>) -> bool {
    Objects::default().has(node, 0)
}

/// The schemas that have been visited, so that each is visited once.
#[derive(Default)]
struct Objects {
    known: HashMap<*const Value, bool>,
    walk: Walk,
}

impl Objects {
    fn has(&mut self, node: &Node<'_>, depth: usize) -> bool {
        let Some(node) = node.resolve().ok().filter(|_| depth < DEEPEST) else { return false };
        let key = std::ptr::from_ref(node.value);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        // A circular schema adds nothing.
        let Some(node) = self.walk.enter(&node) else { return false };
        let answer = self.ask(&node, depth);
        self.known.insert(key, answer);
        answer
    }

    fn ask(&mut self, node: &Node<'_>, depth: usize) -> bool {
        let is = |kind: &str| match node.value().get("type") {
            Some(Value::String(name)) => name == kind,
            Some(Value::Array(names)) => names.iter().all(|name| name == kind || name == "null"),
            _ => false,
        };
        if node.value().get("type").is_some() || node.get("properties").is_some() {
            return is("object") || node.value().get("type").is_none();
        }
        let parts = |key: &str| node.get(key).iter().flat_map(Node::items).collect::<Vec<_>>();
        let mut alternatives = |key: &str| {
            let parts = parts(key);
            let mut real = parts.iter().filter(|part| part.text("type") != Some("null")).peekable();
            real.peek().is_some() && real.all(|part| self.has(part, depth + 1))
        };
        if ["anyOf", "oneOf"].into_iter().any(&mut alternatives) {
            return true;
        }
        parts("allOf").iter().any(|part| self.has(part, depth + 1))
    }
}
