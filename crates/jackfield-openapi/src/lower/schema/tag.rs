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
                let mut tags = tags(written, mapping);
                if let Some(values) = &own.values {
                    tags.retain(|tag| values.contains(tag));
                }
                let mut named = Map::new();
                if !tags.is_empty() && own.values.is_none_or(|values| values.len() > tags.len()) {
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
#[derive(Default)]
struct Own {
    /// The values that it takes, where they are listed.
    values: Option<Vec<String>>,
    is_required: bool,
}

impl Own {
    fn of(node: &Node<'_>, property: &str, depth: usize) -> Option<Self> {
        let node = node.resolve().ok().filter(|_| depth < 8)?;
        let required = node.get("required").is_some_and(|list| {
            list.value().as_array().is_some_and(|list| list.iter().any(|name| name == property))
        });
        let declared = node.get("properties").and_then(|all| all.get(property)?.resolve().ok());
        let values = declared.and_then(|declared| {
            let listed = declared.get("enum").and_then(|list| list.value().as_array().cloned());
            let values = listed.or_else(|| declared.get("const").map(|only| vec![only.value().clone()]))?;
            Some(values.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        });
        let mut own = Self { values, is_required: required };
        for part in node.get("allOf").iter().flat_map(Node::items) {
            let part = Self::of(&part, property, depth + 1).unwrap_or_default();
            own.values = own.values.or(part.values);
            own.is_required |= part.is_required;
        }
        Some(own)
    }
}

/// The values that name an alternative: those of the mapping, else the name of its schema.
fn tags(written: &Value, mapping: Option<&Map<String, Value>>) -> Vec<String> {
    let Some(reference) = written.get("$ref").and_then(Value::as_str) else { return Vec::new() };
    let name = reference.rsplit('/').next().unwrap_or(reference);
    let leads_here = |target: &Value| target == reference || target == name;
    let mapped = mapping.into_iter().flatten().filter(|(_, target)| leads_here(target));
    let mapped: Vec<String> = mapped.map(|(tag, _)| tag.clone()).collect();
    if mapped.is_empty() { vec![name.to_owned()] } else { mapped }
}
