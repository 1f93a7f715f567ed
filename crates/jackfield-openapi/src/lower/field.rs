//! The fields of forms. The document declares the encoding of a field, or a default applies.

use jackfield_model::{Encoding, Input, Schema, Step};
use serde_json::Value;

use super::carried::{Carrier, carried};
use super::choices::FormObjects;
use super::schema::Property;
use super::shape::{is_object, properties};
use crate::document::Node;

/// A field of a form, or a part of a multipart body.
pub(crate) struct Field<'f, 'd> {
    pub(crate) property: Property<'d>,
    pub(crate) input: Input,
    /// The Encoding Object of the field.
    pub(crate) said: Option<&'f Node<'d>>,
    /// The encoding that a Swagger 2.0 `collectionFormat` gives to a list.
    pub(crate) settled: Option<Encoding>,
}

/// Lowers a field of a form.
pub(crate) fn form(field: Field<'_, '_>, objects: FormObjects) -> (Step, Schema) {
    let Field { property, input, said, settled } = field;
    let usual = match (is_object(&property.node), objects) {
        (true, FormObjects::Brackets) => Encoding::DEEP,
        (true, FormObjects::Json) => Encoding::JSON,
        (false, _) => Encoding::FORM,
    };
    let encoding = settled.or_else(|| spelled(said?)).filter(|encoding| *encoding != usual);
    let schema = match encoding.unwrap_or(usual) {
        Encoding::JSON => property.schema,
        _ => carried(property.schema, Some(&property.node), Carrier::Other, property.required),
    };
    (Step::FormField { wire: property.name, input, encoding }, schema)
}

/// Returns the encoding of a field, if the document declares one. A style takes precedence over a media type, as
/// OpenAPI defines.
fn spelled(encoding: &Node<'_>) -> Option<Encoding> {
    let json =
        || encoding.text("contentType").is_some_and(|it| it.contains("json")).then_some(Encoding::JSON);
    style(encoding).or_else(json)
}

/// Returns the fields of a form that is one argument, if the document declares encodings for them.
pub(crate) fn said_fields(schema: &Node<'_>, encodings: Option<&Node<'_>>) -> Vec<(String, Encoding)> {
    let said = |name: &str| spelled(&encodings?.get(name)?);
    let names = properties(schema).into_iter().map(|(name, _)| name);
    names.filter_map(|name| said(&name).map(|encoding| (name, encoding))).collect()
}

/// Returns the style that an Encoding Object names.
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
        // Even `allowReserved: false` means that the field is encoded like a query parameter.
        _ if allow_reserved.is_some() => Encoding::FORM,
        _ => return None,
    };
    Some(if reserved { encoding.reserved() } else { encoding })
}
