//! The fields of forms and of bodies made of parts: how each is written, by what the document says or implies.

use jackfield_model::{BYTES, Encoding, Input, Payload, Schema, Step};
use serde_json::{Map, Value, json};

use super::carried::{Carrier, carried};
use super::schema::Property;
use crate::document::Node;

/// A field of a form.
pub(crate) fn form(
    property: Property<'_>,
    input: Input,
    encoding: Option<&Node<'_>>,
    settled: Option<Encoding>,
) -> (Step, Schema) {
    let encoding = settled.unwrap_or_else(|| spelled(&property.node, encoding));
    let schema = match encoding {
        Encoding::JSON => property.schema,
        _ => carried(property.schema, Some(&property.node), Carrier::Other, property.required),
    };
    (Step::FormField { wire: property.name, input, encoding }, schema)
}

/// How a field is spelled: as its encoding says, else lists as repeated names and what is deeper in brackets.
fn spelled(node: &Node<'_>, encoding: Option<&Node<'_>>) -> Encoding {
    let json = encoding
        .and_then(|node| node.text("contentType"))
        .is_some_and(|media_type| media_type.contains("json"));
    if json { Encoding::JSON } else { encoding.and_then(style).unwrap_or_else(|| implied(node)) }
}

fn implied(node: &Node<'_>) -> Encoding {
    match shape(node) {
        Shape::Complex => Encoding::DEEP,
        Shape::Scalar | Shape::List => Encoding::FORM,
    }
}

/// The fields of a form that stays whole, as far as they are not spelled as usual.
pub(crate) fn unusual_fields(schema: &Node<'_>, encodings: Option<&Node<'_>>) -> Vec<(String, Encoding)> {
    let said = |name: &str| encodings.and_then(|encodings| encodings.get(name));
    let fields = properties(schema).into_iter().map(|(name, node)| {
        let encoding = spelled(&node, said(&name).as_ref());
        (encoding != implied(&node)).then_some((name, encoding))
    });
    fields.flatten().collect()
}

/// The parts of a body that stays whole, as far as they are not made as usual.
pub(crate) fn unusual_parts(
    schema: &Node<'_>,
    encodings: Option<&Node<'_>>,
) -> Vec<(String, Payload, String)> {
    let said = |name: &str| encodings.and_then(|encodings| encodings.get(name));
    let parts = properties(schema).into_iter().map(|(name, node)| {
        let usual = if shape(&node) == Shape::Complex { Payload::Json } else { Payload::Text };
        let (payload, media_type) = made(&node, said(&name).as_ref());
        (payload != usual || !media_type.is_empty()).then_some((name, payload, media_type))
    });
    parts.flatten().collect()
}

/// Says which fields of the body are bytes: their schemas lie deeper than where a model is told so.
pub(crate) fn tell_of_bytes(parts: &[(String, Payload, String)], description: &mut String) {
    let names: Vec<String> = parts
        .iter()
        .filter(|(_, it, _)| *it == Payload::Bytes)
        .map(|(name, ..)| format!("`{name}`"))
        .collect();
    if !names.is_empty() {
        let space = if description.is_empty() { "" } else { " " };
        description.push_str(&format!("{space}{}: {BYTES}", names.join(", ")));
    }
}

/// The properties that an object may have, through whatever it is composed of.
fn properties<'d>(schema: &Node<'d>) -> Vec<(String, Node<'d>)> {
    let mut found = Vec::new();
    gather(schema, 0, &mut found);
    found
}

fn gather<'d>(schema: &Node<'d>, depth: usize, found: &mut Vec<(String, Node<'d>)>) {
    let Some(schema) = schema.resolve().ok().filter(|_| depth < 8) else { return };
    for (name, property) in schema.get("properties").iter().flat_map(Node::entries) {
        if !found.iter().any(|(known, _)| known == name) {
            found.push((name.to_owned(), property));
        }
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        schema.get(key).iter().flat_map(Node::items).for_each(|part| gather(&part, depth + 1, found));
    }
}

/// A part.
pub(crate) fn part(property: Property<'_>, input: Input, encoding: Option<&Node<'_>>) -> (Step, Schema) {
    let (payload, media_type) = made(&property.node, encoding);
    let schema = match payload {
        Payload::Bytes => bytes(property.schema),
        Payload::Text => carried(property.schema, Some(&property.node), Carrier::Other, property.required),
        Payload::Json => property.schema,
    };
    (Step::Part { wire: property.name, input, payload, media_type }, schema)
}

/// How a part is made, and the media types that the document names for it; empty for what the payload implies.
fn made(node: &Node<'_>, encoding: Option<&Node<'_>>) -> (Payload, String) {
    let said = encoding.and_then(|node| node.text("contentType")).unwrap_or_default().trim();
    let said = if said.bytes().all(|b| (0x20..0x7F).contains(&b)) { said } else { "" };
    if is_bytes(node) {
        return (Payload::Bytes, said.to_owned());
    }
    // Several types mean a choice that is the sender's; the first is as good as any.
    let first = said.split(',').next().unwrap_or_default().trim();
    let media_type = if first.contains('*') { "" } else { first };
    if media_type.contains("json") || shape(node) == Shape::Complex {
        let media_type = if media_type == "application/json" { "" } else { media_type };
        return (Payload::Json, media_type.to_owned());
    }
    (Payload::Text, media_type.to_owned())
}

/// The style that an Encoding Object names.
fn style(node: &Node<'_>) -> Option<Encoding> {
    let explode = node.value().get("explode").and_then(Value::as_bool);
    let exploded = |encoding: Encoding| if explode == Some(true) { encoding.exploded() } else { encoding };
    let reserved = node.value().get("allowReserved") == Some(&Value::Bool(true));
    let encoding = match (node.text("style"), explode) {
        (Some("deepObject"), _) => Encoding::DEEP,
        (Some("spaceDelimited"), _) => exploded(Encoding::SPACES),
        (Some("pipeDelimited"), _) => exploded(Encoding::PIPES),
        (Some("form") | None, Some(false)) => Encoding::JOINED,
        (Some("form"), _) | (None, Some(true)) => Encoding::FORM,
        _ if reserved => Encoding::FORM,
        _ => return None,
    };
    Some(if reserved { encoding.reserved() } else { encoding })
}

/// What the styles can say of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Scalar,
    /// Of scalars.
    List,
    /// Anything deeper.
    Complex,
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

fn shape(node: &Node<'_>) -> Shape {
    let Ok(node) = node.resolve() else { return Shape::Scalar };
    let kind = node.value().get("type");
    let is = |name: &str| match kind {
        Some(Value::String(text)) => text == name,
        Some(Value::Array(names)) => names.iter().any(|text| text == name),
        _ => false,
    };
    if is("array") || node.get("items").is_some() {
        return match node.get("items") {
            Some(items) if shape(&items) != Shape::Scalar => Shape::Complex,
            _ => Shape::List,
        };
    }
    let object = is("object") || node.get("properties").is_some();
    let composed = ["allOf", "anyOf", "oneOf"].into_iter().any(|key| {
        node.get(key)
            .iter()
            .flat_map(Node::items)
            .any(|part| part.reference().is_none() && shape(&part) == Shape::Complex)
    });
    if object || composed { Shape::Complex } else { Shape::Scalar }
}

/// Whether a value is bytes, or a list of such.
fn is_bytes(node: &Node<'_>) -> bool {
    let Ok(node) = node.resolve() else { return false };
    if let Some(items) = node.get("items") {
        return is_bytes(&items);
    }
    let file = node.text("type") == Some("file");
    let media = node.get("contentMediaType").is_some() && node.get("contentEncoding").is_none();
    file || media || node.text("format") == Some("binary")
}

/// The schema of an argument that is bytes, or a list of such, in words that a model can follow.
fn bytes(schema: Schema) -> Schema {
    let Value::Object(mut map) = schema.into_value() else { return Schema::any() };
    if let Some(items) = map.get_mut("items") {
        *items = one(&Map::new());
        return Schema::new(Value::Object(map));
    }
    Schema::new(one(&map))
}

fn one(map: &Map<String, Value>) -> Value {
    let said =
        map.get("description").and_then(Value::as_str).map(|text| format!("{text} ")).unwrap_or_default();
    json!({ "type": "string", "contentEncoding": "base64", "description": format!("{said}{BYTES}") })
}
