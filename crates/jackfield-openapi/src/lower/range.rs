//! Media type ranges as the type of a body. `*/*` and `text/*` include many types, and the schema determines which
//! type is meant.

use serde_json::Value;

use super::binary;
use super::media::{self, Kind};
use crate::dialect::Dialect;
use crate::document::Node;

/// Chooses the encoding of a body and its `content-type`. `types` are all media types that the operation
/// offers.
///
/// OpenAPI lets the sender choose a type within a range. Here a schema of bytes selects bytes, a schema of
/// strings selects `text/plain` if the range includes it, and every other schema selects JSON.
pub(crate) fn settle(
    media_type: &str,
    kind: Kind,
    types: &[&str],
    schema: Option<&Node<'_>>,
    dialect: Dialect,
) -> (Kind, String) {
    let kind = match media_type.split(';').next().unwrap_or_default().trim() {
        "*/*" if describes_bytes(schema, dialect) => Kind::Bytes,
        "*/*" if schema.is_some_and(is_text) => Kind::Text,
        "application/*" if describes_bytes(schema, dialect) => Kind::Bytes,
        "text/*" if schema.is_some_and(binary::is_bytes) => Kind::Bytes,
        _ => kind,
    };
    if kind != Kind::Bytes {
        return (kind, media::header(media_type, kind, types));
    }
    let named = schema.and_then(|schema| content_media_type(schema, media_type));
    // With `contentEncoding`, the body is the encoded text.
    if schema.is_some_and(|schema| binary::is_encoded_text(schema, dialect)) {
        let concrete = if media_type.contains('*') { None } else { Some(media_type.trim()) };
        let sent = concrete.or(named).unwrap_or("application/octet-stream");
        return (Kind::Text, media::header(sent, Kind::Text, types));
    }
    match named {
        Some(named) => (kind, named.to_owned()),
        None => (kind, media::header(media_type, kind, types)),
    }
}

/// Returns the `contentMediaType` of a schema, if the range includes it. OpenAPI says to ignore a type that
/// contradicts the range.
pub(crate) fn content_media_type<'d>(schema: &Node<'d>, range: &str) -> Option<&'d str> {
    let named = schema.resolve().ok()?.text("contentMediaType")?.trim();
    (media::is_concrete(named) && media::has(range, named)).then_some(named)
}

/// Whether the schema describes bytes. From OpenAPI 3.1 on, an empty schema does.
fn describes_bytes(schema: Option<&Node<'_>>, dialect: Dialect) -> bool {
    let says_nothing_is_bytes = dialect >= Dialect::V31;
    let Some(schema) = schema else { return says_nothing_is_bytes };
    if says_nothing_is_bytes {
        return binary::may_be_bytes(schema);
    }
    binary::is_bytes(schema)
}

/// Whether the schema describes strings only, apart from null.
fn is_text(schema: &Node<'_>) -> bool {
    schema.resolve().is_ok_and(|node| match node.value().get("type") {
        Some(Value::String(kind)) => kind == "string",
        Some(Value::Array(kinds)) => {
            kinds.iter().any(|kind| kind == "string")
                && kinds.iter().all(|kind| kind == "string" || kind == "null")
        }
        _ => false,
    })
}
