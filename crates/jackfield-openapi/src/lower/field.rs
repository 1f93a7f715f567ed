//! The fields of forms and of bodies made of parts: how each is written, by what the document says or implies.

use jackfield_model::{Encoding, Input, Payload, Schema, Step};
use serde_json::{Map, Value, json};

use super::carried::{Carrier, carried};
use super::schema::Property;
use crate::document::Node;

/// What a model is told about an argument that is bytes.
pub(crate) const BYTES: &str = "Bytes in base64, or a data URI.";

/// A field of a form.
pub(crate) fn form(
    property: Property<'_>,
    input: Input,
    encoding: Option<&Node<'_>>,
    settled: Option<Encoding>,
) -> (Step, Schema) {
    let said = settled.or_else(|| encoding.and_then(style));
    let implied = match shape(&property.node) {
        Shape::Complex => Encoding::DEEP,
        Shape::Scalar | Shape::List => Encoding::FORM,
    };
    let json = encoding
        .and_then(|node| node.text("contentType"))
        .is_some_and(|media_type| media_type.contains("json"));
    let encoding = if json { Encoding::JSON } else { said.unwrap_or(implied) };
    let schema = match encoding {
        Encoding::JSON => property.schema,
        _ => carried(property.schema, Some(&property.node), Carrier::Other, property.required),
    };
    (Step::FormField { wire: property.name, input, encoding }, schema)
}

/// A part.
pub(crate) fn part(property: Property<'_>, input: Input, encoding: Option<&Node<'_>>) -> (Step, Schema) {
    let said = encoding.and_then(|node| node.text("contentType")).unwrap_or_default();
    // Several types mean a choice that is the sender's; the first is as good as any.
    let media_type = said.split(',').next().unwrap_or_default().trim();
    let media_type = if media_type.contains('*') || !media_type.bytes().all(|b| (0x20..0x7F).contains(&b)) {
        ""
    } else {
        media_type
    };
    let payload = if is_bytes(&property.node) {
        Payload::Bytes
    } else if media_type.contains("json") || matches!(shape(&property.node), Shape::Complex) {
        Payload::Json
    } else {
        Payload::Text
    };
    let schema = match payload {
        Payload::Bytes => bytes(property.schema),
        Payload::Text => carried(property.schema, Some(&property.node), Carrier::Other, property.required),
        Payload::Json => property.schema,
    };
    let media_type =
        if payload == Payload::Json && media_type == "application/json" { "" } else { media_type };
    (Step::Part { wire: property.name, input, payload, media_type: media_type.to_owned() }, schema)
}

/// The style that an Encoding Object names.
fn style(node: &Node<'_>) -> Option<Encoding> {
    let explode = node.value().get("explode").and_then(Value::as_bool);
    let exploded = |encoding: Encoding| if explode == Some(true) { encoding.exploded() } else { encoding };
    Some(match (node.text("style"), explode) {
        (Some("deepObject"), _) => Encoding::DEEP,
        (Some("spaceDelimited"), _) => exploded(Encoding::SPACES),
        (Some("pipeDelimited"), _) => exploded(Encoding::PIPES),
        (Some("form") | None, Some(false)) => Encoding::JOINED,
        (Some("form"), _) | (None, Some(true)) => Encoding::FORM,
        _ => return None,
    })
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
