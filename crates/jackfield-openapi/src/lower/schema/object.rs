//! Request bodies that are plain objects: their properties become arguments.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::Schema;
use serde_json::{Value, json};

use super::hidden::is_hidden;
use super::lifter::Lifter;
use super::projection::Projection;
use crate::budget::{ARGUMENT, Walk};
use crate::document::Node;
use crate::lower::text;

/// The maximum number of nested `$ref`s and `allOf`s in which an object is searched for.
const DEEPEST: usize = 24;

/// The keywords that a plain object may have besides annotations.
const PLAIN: [&str; 4] = ["type", "properties", "required", "allOf"];
/// Annotations, and limits of the number of properties, which arguments do not have.
const DESCRIBING: [&str; 11] = [
    "title",
    "description",
    "example",
    "examples",
    "externalDocs",
    "xml",
    "deprecated",
    "default",
    "$comment",
    "minProperties",
    "maxProperties",
];

/// A property of a plain object.
pub(crate) struct Property<'d> {
    pub(crate) node: Node<'d>,
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) schema: Schema,
}

impl<'d> Lifter<'d> {
    /// Returns the properties of the object at that node that may be sent, and the minimum number of properties, or
    /// `None` if the schema has other assertions.
    pub(crate) fn plain_object(&mut self, node: &Node<'d>) -> Option<(Vec<Property<'d>>, usize)> {
        let mut found = Shape::default();
        found.gather(node, &mut Walk::new(), 0)?;
        // A required property without a schema would not get an argument.
        let described: BTreeSet<&String> = found.properties.iter().map(|(name, _)| name).collect();
        if (found.properties.is_empty() && !found.closed)
            || !found.required.iter().all(|name| described.contains(name))
        {
            return None;
        }
        // Read-only properties are omitted, unless the required properties are all read-only.
        let hidden = |node: &Node<'d>| is_hidden(node, Projection::Send);
        let keep = !found.required.is_empty() && found.properties.iter().all(|(_, node)| hidden(node));
        let mut properties: Vec<Property<'d>> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        // Additional schemas of a property, by the property's index.
        let mut others: BTreeMap<usize, Vec<Schema>> = BTreeMap::new();
        for (name, node) in &found.properties {
            let stays = keep && found.required.contains(name);
            if !stays && hidden(node) {
                continue;
            }
            node.document.budget.take(ARGUMENT);
            if text::hides_something(name) {
                self.findings.push(text::invisible(node.place(), text::invisible_name(name)));
            }
            let schema = self.lift(node, Projection::Send);
            let place = *places.entry(name).or_insert(properties.len());
            match properties.get_mut(place) {
                // If two members of an `allOf` describe a property, both of them apply.
                Some(known) if known.schema != schema => {
                    others.entry(place).or_default().push(schema);
                }
                Some(_) => {}
                None => properties.push(Property {
                    node: node.clone(),
                    name: name.clone(),
                    required: found.required.contains(name),
                    schema,
                }),
            }
        }
        for (place, mut others) in others {
            let Some(known) = properties.get_mut(place) else { continue };
            others.dedup();
            let all = std::iter::once(&known.schema).chain(&others).map(|schema| schema.as_value().clone());
            known.schema = Schema::new(json!({ "allOf": all.collect::<Vec<_>>() }));
        }
        Some((properties, found.fewest))
    }
}

#[derive(Default)]
struct Shape<'d> {
    properties: Vec<(String, Node<'d>)>,
    required: BTreeSet<String>,
    /// Whether other properties are forbidden.
    closed: bool,
    /// The minimum number of properties.
    fewest: usize,
}

impl<'d> Shape<'d> {
    fn gather(&mut self, node: &Node<'d>, walk: &mut Walk, depth: usize) -> Option<()> {
        if depth > DEEPEST || !node.document.budget.has_schemas() {
            return None;
        }
        let target = node.resolve().ok()?;
        // A schema that was visited before adds nothing. Beyond the limit, the body becomes one argument.
        let Some(node) = walk.enter(&target) else { return walk.knows(&target).then_some(()) };
        let map = node.as_object()?;
        let mut describes = true;
        for (key, value) in map {
            describes &= !PLAIN.contains(&key.as_str());
            let plain = PLAIN.contains(&key.as_str())
                || DESCRIBING.contains(&key.as_str())
                || key.starts_with("x-")
                || (key == "additionalProperties" && value == &Value::Bool(false))
                || matches!(
                    (key.as_str(), value),
                    ("nullable" | "readOnly" | "writeOnly", Value::Bool(false))
                );
            if !plain {
                return None;
            }
        }
        self.closed |= map.get("additionalProperties") == Some(&Value::Bool(false));
        if describes && depth == 0 {
            return None;
        }
        if !matches!(map.get("type"), None | Some(Value::String(_)))
            || map.get("type").is_some_and(|name| name != "object")
        {
            return None;
        }
        for part in node.get("allOf").iter().flat_map(Node::items) {
            self.gather(&part, walk, depth + 1)?;
        }
        for (name, property) in node.get("properties").iter().flat_map(Node::entries) {
            node.document.budget.copy(property.pointer.as_str().len());
            self.properties.push((name.to_owned(), property));
        }
        let required =
            map.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        self.required.extend(required.map(str::to_owned));
        let fewest = map.get("minProperties").and_then(Value::as_u64);
        self.fewest = self.fewest.max(fewest.and_then(|fewest| usize::try_from(fewest).ok()).unwrap_or(0));
        Some(())
    }
}
