//! Which properties of a schema are sent, and which come back.

use std::collections::BTreeSet;

use jackfield_model::Pointer;
use serde_json::{Map, Value};

use super::Lifter;
use super::trail::Trail;
use crate::budget::Walk;
use crate::document::Node;

/// Which way a schema's values travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Projection {
    /// To the service: without `readOnly` properties.
    Send,
    /// From it: without `writeOnly` properties.
    Receive,
}

impl Projection {
    /// The keyword whose properties fall away.
    const fn hidden_by(self) -> &'static str {
        match self {
            Self::Send => "readOnly",
            Self::Receive => "writeOnly",
        }
    }
}

impl<'d> Lifter<'d> {
    /// Takes out the properties that do not travel this way.
    pub(super) fn project(
        &self,
        file: usize,
        map: &'d Map<String, Value>,
        trail: &Trail<'_>,
        projection: Projection,
        out: &mut Map<String, Value>,
    ) {
        let Some(Value::Object(declared)) = map.get("properties") else { return };
        let place = trail.child("properties");
        let hidden: BTreeSet<&str> = declared
            .iter()
            .filter(|(name, schema)| {
                let pointer = || place.child(name).pointer();
                self.hides(file, schema, pointer, projection)
            })
            .map(|(name, _)| name.as_str())
            .collect();
        if hidden.is_empty() {
            return;
        }
        if let Some(Value::Object(properties)) = out.get_mut("properties") {
            properties.retain(|name, _| !hidden.contains(name.as_str()));
        }
        if let Some(Value::Array(required)) = out.get_mut("required") {
            required.retain(|name| !name.as_str().is_some_and(|name| hidden.contains(name)));
            if required.is_empty() {
                out.shift_remove("required");
            }
        }
    }

    /// Whether a property does not travel this way: it says so, or what it is made of does.
    pub(crate) fn is_hidden(&self, node: &Node<'d>, projection: Projection) -> bool {
        self.hides(node.file, node.value, || node.pointer.clone(), projection)
    }

    /// Whether a schema that has no node yet is hidden: most need none.
    fn hides(
        &self,
        file: usize,
        schema: &'d Value,
        pointer: impl Fn() -> Pointer,
        projection: Projection,
    ) -> bool {
        let Some(map) = schema.as_object() else { return false };
        if map.get(projection.hidden_by()) == Some(&Value::Bool(true)) {
            return true;
        }
        let is_made = map.get("$ref").is_some_and(Value::is_string) || map.contains_key("allOf");
        is_made && {
            let node = Node { document: self.document, file, value: schema, pointer: pointer() };
            is_made_of_hidden(&node, projection, &mut Walk::new(), 0)
        }
    }
}

/// How many references and `allOf`s deep `readOnly` is looked for.
const DEEPEST: usize = 8;

fn is_made_of_hidden(node: &Node<'_>, projection: Projection, walk: &mut Walk, depth: usize) -> bool {
    let is_hidden = |node: &Node<'_>| node.value.get(projection.hidden_by()) == Some(&Value::Bool(true));
    if is_hidden(node) {
        return true;
    }
    let Some(node) = (depth <= DEEPEST).then(|| walk.enter(node)).flatten() else { return false };
    is_hidden(&node)
        || node
            .get("allOf")
            .iter()
            .flat_map(Node::items)
            .any(|part| is_made_of_hidden(&part, projection, walk, depth + 1))
}
