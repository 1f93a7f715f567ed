//! Adds the values of a `discriminator`, which JSON Schema validators do not support, to the alternatives of
//! a union.
//!
//! Without these values, neither a model nor a validator could tell which alternative is meant.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::projection::Projection;
use super::trail::Trail;
use crate::budget::{LONGEST_WALK, Limit, Walk};
use crate::document::{Document, Node};

/// The discriminators of a document.
pub(super) struct Tags<'d> {
    document: &'d Document,
    /// The discriminator values of alternatives, by schema and property.
    owns: HashMap<(*const Value, String), Rc<Own>>,
}

impl<'d> Tags<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        Self { document, owns: HashMap::new() }
    }

    /// Adds the values of the discriminator to each extracted alternative.
    pub(super) fn tag(
        &mut self,
        map: &'d Map<String, Value>,
        trail: &Trail<'_>,
        out: &mut Map<String, Value>,
    ) {
        let Some(discriminator) = map.get("discriminator").and_then(Value::as_object) else { return };
        let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else { return };
        if trail.projection == Projection::Receive || discriminator.contains_key("defaultMapping") {
            return;
        }
        let named = Named::by(discriminator.get("mapping").and_then(Value::as_object));
        let mut room = LONGEST_WALK;
        for key in ["oneOf", "anyOf"] {
            let (Some(Value::Array(written)), Some(Value::Array(lifted))) = (map.get(key), out.get_mut(key))
            else {
                continue;
            };
            for (at, (written, lifted)) in written.iter().zip(lifted).enumerate() {
                let Some(lifted) = lifted.as_object_mut().filter(|lifted| lifted.contains_key("$ref")) else {
                    continue;
                };
                let here = || trail.child(key).index(at).pointer();
                let Some(from) = written.get("$ref").map(|_| Node {
                    document: self.document,
                    file: trail.file,
                    value: written,
                    pointer: here(),
                }) else {
                    continue;
                };
                let own = self.own(&from, property);
                let mut tags = named.tags(written);
                if let Some(values) = &own.values {
                    tags.retain(|tag| values.contains(*tag));
                }
                match room.checked_sub(tags.len()) {
                    Some(left) => room = left,
                    // If these values are missing, an alternative can still be recognised by its other
                    // properties.
                    None => {
                        self.document.budget.exceed(from.place(), Limit::Tags);
                        continue;
                    }
                }
                self.document.budget.take(tags.len());
                let mut named = Map::new();
                if !tags.is_empty() && own.values.as_ref().is_none_or(|values| values.len() > tags.len()) {
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
                    // Older validators ignore keywords beside a reference, so both become members of an
                    // `allOf`.
                    let parts = json!([std::mem::take(lifted), named]);
                    lifted.insert("allOf".to_owned(), parts);
                }
            }
        }
    }

    /// Returns the discriminator values of a reference's target. They are computed once, because many unions share
    /// alternatives.
    fn own(&mut self, from: &Node<'d>, property: &str) -> Rc<Own> {
        let Ok(target) = from.resolve() else { return Rc::default() };
        let key = (std::ptr::from_ref(target.value), property.to_owned());
        let document = self.document;
        Rc::clone(self.owns.entry(key).or_insert_with(|| {
            let own = Own::of(&target, property, &mut Walk::new(), 0).unwrap_or_default();
            document.budget.take(own.values.as_ref().map_or(0, BTreeSet::len));
            Rc::new(own)
        }))
    }
}

/// The discriminator property in the alternative's own schema.
#[derive(Default)]
struct Own {
    /// The values that this property allows, if it lists them.
    values: Option<BTreeSet<String>>,
    is_required: bool,
}

/// The maximum number of nested `allOf`s in which the property is searched for.
const DEEPEST: usize = 8;

impl Own {
    fn of(node: &Node<'_>, property: &str, walk: &mut Walk, depth: usize) -> Option<Self> {
        let node = (depth < DEEPEST).then(|| walk.enter(node)).flatten()?;
        let required = node.get("required").is_some_and(|list| {
            list.value().as_array().is_some_and(|list| list.iter().any(|name| name == property))
        });
        let declared = node.get("properties").and_then(|all| all.get(property)?.resolve().ok());
        let values = declared.and_then(|declared| {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            match (declared.value().get("enum"), declared.value().get("const")) {
                (Some(Value::Array(listed)), _) => Some(listed.iter().filter_map(text).collect()),
                (_, Some(only)) => Some(text(only).into_iter().collect()),
                _ => None,
            }
        });
        let mut own = Self { values, is_required: required };
        for part in node.get("allOf").iter().flat_map(Node::items) {
            let part = Self::of(&part, property, walk, depth + 1).unwrap_or_default();
            own.values = own.values.or(part.values);
            own.is_required |= part.is_required;
        }
        Some(own)
    }
}

/// The values of a `mapping`, by the references to which they lead.
struct Named<'m>(BTreeMap<&'m str, Vec<&'m str>>);

impl<'m> Named<'m> {
    fn by(mapping: Option<&'m Map<String, Value>>) -> Self {
        let mut named: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (tag, target) in mapping.into_iter().flatten() {
            if let Some(target) = target.as_str() {
                named.entry(target).or_default().push(tag);
            }
        }
        Self(named)
    }

    /// Returns the values for an alternative: the values in the `mapping`, or else the name of its schema.
    fn tags<'t>(&self, written: &'t Value) -> Vec<&'t str>
    where
        'm: 't,
    {
        let Some(reference) = written.get("$ref").and_then(Value::as_str) else { return Vec::new() };
        let name = reference.rsplit('/').next().unwrap_or(reference);
        let mapped = [Some(reference), (name != reference).then_some(name)].into_iter().flatten();
        let mapped: Vec<&str> = mapped.filter_map(|target| self.0.get(target)).flatten().copied().collect();
        if mapped.is_empty() { vec![name] } else { mapped }
    }
}
