//! The fields of forms: how each is spelled, by what the document says or implies.

use std::collections::{BTreeSet, HashMap};

use jackfield_model::{Encoding, Input, Schema, Step};
use serde_json::Value;

use super::FormObjects;
use super::carried::{Carrier, carried};
use super::schema::Property;
use crate::budget::Walk;
use crate::document::Node;

/// How deep schemas are looked into.
const DEEPEST: usize = 8;

/// A field of a form.
pub(crate) fn form(
    property: Property<'_>,
    input: Input,
    encoding: Option<&Node<'_>>,
    settled: Option<Encoding>,
    objects: FormObjects,
) -> (Step, Schema) {
    let usual = match (is_object(&property.node), objects) {
        (true, FormObjects::Brackets) => Encoding::DEEP,
        (true, FormObjects::Json) => Encoding::JSON,
        (false, _) => Encoding::FORM,
    };
    let encoding = settled.or_else(|| spelled(encoding?)).filter(|encoding| *encoding != usual);
    let schema = match encoding.unwrap_or(usual) {
        Encoding::JSON => property.schema,
        _ => carried(property.schema, Some(&property.node), Carrier::Other, property.required),
    };
    (Step::FormField { wire: property.name, input, encoding }, schema)
}

/// How a field is spelled, where the document says it. A style comes before a media type, as the standard has it.
fn spelled(encoding: &Node<'_>) -> Option<Encoding> {
    let json =
        || encoding.text("contentType").is_some_and(|it| it.contains("json")).then_some(Encoding::JSON);
    style(encoding).or_else(json)
}

/// The fields of a form that stays whole, as far as the document says how they are spelled.
pub(crate) fn said_fields(schema: &Node<'_>, encodings: Option<&Node<'_>>) -> Vec<(String, Encoding)> {
    let said = |name: &str| spelled(&encodings?.get(name)?);
    let names = properties(schema).into_iter().map(|(name, _)| name);
    names.filter_map(|name| said(&name).map(|encoding| (name, encoding))).collect()
}

/// The properties that an object may have, through whatever it is composed of.
pub(crate) fn properties<'d>(schema: &Node<'d>) -> Vec<(String, Node<'d>)> {
    let mut found = Found::default();
    found.gather(schema, &mut Walk::new(), 0);
    found.properties
}

/// Properties in the order of finding, each once.
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

/// The style that an Encoding Object names.
pub(crate) fn style(node: &Node<'_>) -> Option<Encoding> {
    let explode = node.value().get("explode").and_then(Value::as_bool);
    let exploded = |encoding: Encoding| if explode == Some(true) { encoding.exploded() } else { encoding };
    let allow_reserved = node.value().get("allowReserved").and_then(Value::as_bool);
    let reserved = allow_reserved == Some(true);
    let encoding = match (node.text("style"), explode) {
        (Some("deepObject"), _) => Encoding::DEEP,
        (Some("spaceDelimited"), _) => exploded(Encoding::SPACES),
        (Some("pipeDelimited"), _) => exploded(Encoding::PIPES),
        (Some("form") | None, Some(false)) => Encoding::JOINED,
        (Some("form"), _) | (None, Some(true)) => Encoding::FORM,
        // Said at all, it makes the field one of a query parameter.
        _ if allow_reserved.is_some() => Encoding::FORM,
        _ => return None,
    };
    Some(if reserved { encoding.reserved() } else { encoding })
}

/// Whether a schema is that of a text, a number or a boolean.
pub(crate) fn is_scalar(node: &Node<'_>) -> bool {
    let kind = node.resolve().ok().and_then(|node| node.text("type"));
    matches!(kind, Some("string" | "integer" | "number" | "boolean"))
}

/// Whether a schema says that there is more than a text, a number or a boolean.
pub(crate) fn is_structured(node: &Node<'_>) -> bool {
    let Ok(node) = node.resolve() else { return false };
    let within = ["properties", "additionalProperties", "items", "allOf", "anyOf", "oneOf"];
    within.iter().any(|key| node.get(key).is_some()) || matches!(node.text("type"), Some("object" | "array"))
}

/// Whether a schema is that of a list.
pub(crate) fn is_list(node: &Node<'_>) -> bool {
    node.resolve().is_ok_and(|node| node.text("type") == Some("array") || node.get("items").is_some())
}

/// Whether a schema is that of an object and of nothing else, null aside.
pub(crate) fn is_object(node: &Node<'_>) -> bool {
    Objects::default().has(node, 0)
}

/// The answers of one question, so that what an object is made of is asked once.
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
        // A schema that leads back to itself adds nothing.
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
