//! Unions that are told apart by a property: `discriminator`, which no JSON Schema validator knows.
//!
//! The property names the alternative, so every alternative is given the value that names it. Without it a model
//! would have to guess, and so would whoever holds its arguments against the schema.

use jackfield_model::Pointer;
use serde_json::{Map, Value, json};

use super::{Lifter, Projection};
use crate::document::Node;

impl<'d> Lifter<'d> {
    /// Writes into each lifted alternative what its discriminator has to be.
    pub(super) fn tag(
        &self,
        file: usize,
        map: &'d Map<String, Value>,
        projection: Projection,
        out: &mut Map<String, Value>,
    ) {
        let Some(discriminator) = map.get("discriminator").and_then(Value::as_object) else { return };
        let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else { return };
        if projection == Projection::Receive || discriminator.contains_key("defaultMapping") {
            return;
        }
        let mapping = discriminator.get("mapping").and_then(Value::as_object);
        for key in ["oneOf", "anyOf"] {
            let (Some(Value::Array(written)), Some(Value::Array(lifted))) = (map.get(key), out.get_mut(key))
            else {
                continue;
            };
            for (written, lifted) in written.iter().zip(lifted) {
                let Some(lifted) = lifted.as_object_mut().filter(|lifted| lifted.contains_key("$ref")) else {
                    continue;
                };
                let target = self.target(file, written);
                let own = target.as_ref().and_then(|target| Own::of(target, property, 0));
                let own = own.unwrap_or_default();
                let tags = tags(written, mapping, own.is_fixed);
                let mut named = Map::new();
                if !tags.is_empty() && !own.is_fixed {
                    let tags = match tags.as_slice() {
                        [one] => json!({ "const": one }),
                        many => json!({ "enum": many }),
                    };
                    named.insert("properties".to_owned(), json!({ property: tags }));
                }
                if !own.is_required {
                    named.insert("required".to_owned(), json!([property]));
                }
                if !named.is_empty() {
                    // Beside the reference older readers would not see it.
                    let parts = json!([std::mem::take(lifted), named]);
                    lifted.insert("allOf".to_owned(), parts);
                }
            }
        }
    }

    fn target(&self, file: usize, written: &'d Value) -> Option<Node<'d>> {
        let from = Node { document: self.document, file, value: written, pointer: Pointer::root() };
        self.document.look_up(&from, written.get("$ref")?.as_str()?).and_then(|node| node.resolve()).ok()
    }
}

/// What an alternative says of its discriminator by itself.
#[derive(Clone, Copy, Default)]
struct Own {
    /// It takes one value of a list.
    is_fixed: bool,
    is_required: bool,
}

impl Own {
    fn of(node: &Node<'_>, property: &str, depth: usize) -> Option<Self> {
        let node = node.resolve().ok().filter(|_| depth < 8)?;
        let required = node.get("required").is_some_and(|list| {
            list.value().as_array().is_some_and(|list| list.iter().any(|name| name == property))
        });
        let declared = node.get("properties").and_then(|all| all.get(property)?.resolve().ok());
        let fixed = declared.is_some_and(|it| it.get("enum").is_some() || it.get("const").is_some());
        let mut own = Self { is_fixed: fixed, is_required: required };
        for part in node.get("allOf").iter().flat_map(Node::items) {
            let part = Self::of(&part, property, depth + 1).unwrap_or_default();
            own.is_fixed |= part.is_fixed;
            own.is_required |= part.is_required;
        }
        Some(own)
    }
}

/// The values that name an alternative: those of the mapping, else the name of its schema.
fn tags(written: &Value, mapping: Option<&Map<String, Value>>, is_fixed: bool) -> Vec<String> {
    let Some(reference) = written.get("$ref").and_then(Value::as_str) else { return Vec::new() };
    let name = reference.rsplit('/').next().unwrap_or(reference);
    let leads_here = |target: &Value| target == reference || target == name;
    let mapped = mapping.into_iter().flatten().filter(|(_, target)| leads_here(target));
    let mapped: Vec<String> = mapped.map(|(tag, _)| tag.clone()).collect();
    if mapped.is_empty() && !is_fixed { vec![name.to_owned()] } else { mapped }
}
