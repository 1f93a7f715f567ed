//! The parts of multipart bodies: bytes, text, XML, JSON, or fields as in forms.

use jackfield_model::{BYTES, Diagnostic, Encoding, Payload, Schema, Step, Style};
use serde_json::{Map, Value, json};

use super::binary::{Files, files, is_encoded_text};
use super::carried::{Carrier, carried};
use super::field::{Field, style};
use super::media::{Kind, in_utf8};
use super::range::content_media_type;
use super::schema::Property;
use super::shape::{is_list, is_object, properties};
use super::{text, xml};
use crate::document::Node;

/// The encodings of a part.
enum Made {
    /// Bytes, with the media types that the document declares.
    Bytes(Files, String),
    /// A value, with the media type that the document declares. The text is empty for the usual media type of the value.
    Plain(Payload, String),
    /// XML with that media type.
    Xml(String),
    /// A text with that media type, such as CSV, that the model writes.
    Written(String),
    /// A field as in a form.
    Fields(Encoding),
}

/// Lowers a part. `has_styles` says whether the styles of an Encoding Object apply.
pub(crate) fn part(
    field: Field<'_, '_>,
    has_styles: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Step, Schema) {
    let Field { property, input, said, settled } = field;
    let Property { node, name: wire, required, schema } = property;
    let open = |schema| carried(schema, Some(&node), Carrier::Other, required);
    let styled = settled.or_else(|| said.filter(|_| has_styles).and_then(style));
    match made(&node, said, styled) {
        Made::Bytes(files, media_type) => {
            (Step::Part { wire, input, payload: Payload::Bytes, media_type }, bytes(schema, &node, files))
        }
        Made::Plain(payload, media_type) => {
            let schema = if payload == Payload::Json || is_object(&node) { schema } else { open(schema) };
            (Step::Part { wire, input, payload, media_type }, schema)
        }
        Made::Xml(media_type) => {
            let item = node.resolve().ok().filter(|_| is_list(&node)).and_then(|list| list.get("items"));
            let shape = xml::shape(item.as_ref().unwrap_or(&node), Some(&wire), diagnostics).to_string();
            (Step::XmlPart { wire, input, media_type, shape }, schema)
        }
        Made::Written(media_type) => {
            let schema = written(&schema, "part", &media_type);
            (Step::Part { wire, input, payload: Payload::Text, media_type }, schema)
        }
        Made::Fields(encoding) => (Step::PartFields { wire, input, encoding }, open(schema)),
    }
}

/// Returns the parts with an unusual encoding, for a body that is one argument.
pub(crate) fn unusual_parts(
    schema: &Node<'_>,
    encodings: Option<&Node<'_>>,
) -> Vec<(String, Payload, String)> {
    let said = |name: &str| encodings.and_then(|encodings| encodings.get(name));
    let parts =
        properties(schema).into_iter().map(|(name, node)| match made(&node, said(&name).as_ref(), None) {
            Made::Bytes(_, media_type) => Some((name, Payload::Bytes, media_type)),
            Made::Plain(payload, media_type) => {
                (payload != Payload::Text || !media_type.is_empty()).then_some((name, payload, media_type))
            }
            // In a body that is one argument, the other parts are encoded according to their value.
            Made::Xml(_) | Made::Written(_) | Made::Fields(_) => None,
        });
    parts.flatten().collect()
}

/// Names the fields that are bytes in the description of the body, because models overlook deeply nested
/// schemas.
pub(crate) fn tell_of_bytes(parts: &[(String, Payload, String)], description: &mut String) {
    let names: Vec<String> = parts
        .iter()
        .filter(|(name, it, _)| *it == Payload::Bytes && !text::hides_something(name))
        .map(|(name, ..)| format!("`{name}`"))
        .collect();
    if !names.is_empty() {
        let space = if description.is_empty() { "" } else { " " };
        description.push_str(&format!("{space}{}: {BYTES}", names.join(", ")));
    }
}

fn made(node: &Node<'_>, encoding: Option<&Node<'_>>, styled: Option<Encoding>) -> Made {
    let said = encoding.and_then(|node| node.text("contentType")).unwrap_or_default().trim();
    let said = if said.bytes().all(|b| (0x20..0x7F).contains(&b)) { said } else { "" };
    if let Some(files) = files(node, said) {
        let vague = said.is_empty() || said.split(',').all(|it| it.contains('*'));
        let range = if said.is_empty() { "*/*" } else { said };
        let named = content_media_type(&item(node), range).filter(|_| vague);
        return Made::Bytes(files, named.unwrap_or(said).to_owned());
    }
    // For a list, `form` encodes parts that declare no style. For objects, generators of documents write `form` but mean JSON.
    if let Some(encoding) = styled.filter(|it| it.style != Style::Form || !it.explode) {
        return Made::Fields(encoding);
    }
    // The document allows several media types; the first one is used.
    let first = said.split(',').next().unwrap_or_default().trim();
    let media_type = if first.contains('*') { String::new() } else { in_utf8(first) };
    if media_type.is_empty() {
        let encoded = is_encoded_text(&item(node), node.document.dialect());
        let media_type = if encoded { "application/octet-stream".to_owned() } else { media_type };
        return Made::Plain(Payload::Text, media_type);
    }
    let object = is_object(&item(node));
    match Kind::of(&media_type) {
        Kind::Json if media_type == "application/json" => Made::Plain(Payload::Json, String::new()),
        Kind::Json => Made::Plain(Payload::Json, media_type),
        Kind::Xml if object => Made::Xml(media_type),
        _ if object => Made::Written(media_type),
        _ => Made::Plain(Payload::Text, media_type),
    }
}

/// Returns the schema of one part. If the property is a list, this is the schema of its items.
fn item<'d>(node: &Node<'d>) -> Node<'d> {
    let resolved = node.resolve().unwrap_or_else(|_| node.clone());
    resolved.get("items").unwrap_or(resolved)
}

/// Returns the schema of an argument that is a file or a list of files, with a description for models.
fn bytes(schema: Schema, node: &Node<'_>, files: Files) -> Schema {
    let Value::Object(mut map) = schema.into_value() else { return Schema::any() };
    if !map.contains_key("description")
        && let Some(said) = node.resolve().ok().and_then(|node| node.text("description"))
    {
        map.insert("description".to_owned(), text::clean(said).into());
    }
    if files == Files::One {
        return Schema::new(one(&map));
    }
    let mut list: Map<String, Value> = map
        .into_iter()
        .filter(|(key, _)| ["description", "minItems", "maxItems", "uniqueItems"].contains(&key.as_str()))
        .collect();
    list.insert("type".to_owned(), "array".into());
    list.insert("items".to_owned(), one(&Map::new()));
    Schema::new(Value::Object(list))
}

fn one(map: &Map<String, Value>) -> Value {
    let said =
        map.get("description").and_then(Value::as_str).map(|text| format!("{text} ")).unwrap_or_default();
    json!({ "type": "string", "contentEncoding": "base64", "description": format!("{said}{BYTES}") })
}

/// Returns the schema of a text that the model writes in a given format, such as XML.
pub(crate) fn written(schema: &Schema, what: &str, media_type: &str) -> Schema {
    let said = schema.as_value().get("description").and_then(Value::as_str);
    let said = said.map(|text| format!("{text} ")).unwrap_or_default();
    let media_type = text::clean(media_type);
    Schema::new(
        json!({ "type": "string", "description": format!("{said}The whole {what}, as {media_type}.") }),
    )
}
