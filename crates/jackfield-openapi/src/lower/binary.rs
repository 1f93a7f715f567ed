//! Detects schemas that may describe bytes.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::media::Kind;
use crate::budget::Walk;
use crate::dialect::Dialect;
use crate::document::Node;

/// The maximum depth to which schemas are searched.
const DEEPEST: usize = 8;

/// Whether a schema says that its values are bytes.
pub(crate) fn is_bytes(node: &Node<'_>) -> bool {
    files(node, "text/plain") == Some(Files::One)
}

/// Whether a schema says that its values are bytes, or allows them.
pub(crate) fn may_be_bytes(node: &Node<'_>) -> bool {
    files(node, "*/*") == Some(Files::One)
}

/// Whether a schema describes a text that encodes bytes, such as base64. Requests send this text.
pub(crate) fn is_encoded_text(node: &Node<'_>, dialect: Dialect) -> bool {
    dialect >= Dialect::V31 && node.resolve().is_ok_and(|node| node.text("contentEncoding").is_some())
}

/// Keywords that schemas of bytes do not have.
const SAYS_WHAT: [&str; 9] = [
    "type",
    "enum",
    "const",
    "properties",
    "additionalProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "contentEncoding",
];

/// Whether a property is one file or a list of files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Files {
    One,
    Many,
}

/// Whether a property is a file or a list of files. `said` contains the media types in the property's
/// encoding.
pub(crate) fn files(node: &Node<'_>, said: &str) -> Option<Files> {
    Asked { said, known: HashMap::new(), walk: Walk::new() }.files(node, 0)
}

/// A search for a schema that describes bytes.
struct Asked<'s> {
    /// The media types in the encoding of the property.
    said: &'s str,
    known: HashMap<*const Value, Option<Files>>,
    walk: Walk,
}

impl Asked<'_> {
    fn files(&mut self, node: &Node<'_>, depth: usize) -> Option<Files> {
        let node = node.resolve().ok().filter(|_| depth < DEEPEST)?;
        let key = std::ptr::from_ref(node.value);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let node = self.walk.enter(&node)?;
        let answer = self.ask(&node, depth);
        self.known.insert(key, answer);
        answer
    }

    fn ask(&mut self, node: &Node<'_>, depth: usize) -> Option<Files> {
        let said = self.said;
        if let Some(items) = node.get("items") {
            return self.files(&items, depth + 1).map(|_| Files::Many);
        }
        let media = node.get("contentMediaType").is_some() && node.get("contentEncoding").is_none();
        if node.text("type") == Some("file") || media || node.text("format") == Some("binary") {
            return Some(Files::One);
        }
        let parts = |key: &str| node.get(key).iter().flat_map(Node::items).collect::<Vec<_>>();
        if let Some(found) = parts("allOf").iter().find_map(|part| self.files(part, depth + 1)) {
            return Some(found);
        }
        for key in ["anyOf", "oneOf"] {
            let parts = parts(key);
            let real = parts.iter().filter(|part| part.text("type") != Some("null"));
            let found: Option<Vec<Files>> = real.map(|part| self.files(part, depth + 1)).collect();
            if let Some(found) = found.filter(|found| !found.is_empty()) {
                return Some(if found.contains(&Files::Many) { Files::Many } else { Files::One });
            }
        }
        // OpenAPI 3.1 describes bytes by an empty schema, or by a schema that has only a type.
        let empty = Map::new();
        let map = if node.value() == &Value::Bool(true) { &empty } else { node.as_object()? };
        let says_nothing = if said.is_empty() {
            map.is_empty()
        } else {
            said.split(',')
                .all(|it| Kind::of(it) == Kind::Bytes || matches!(it.trim(), "*/*" | "application/*"))
                && !SAYS_WHAT.iter().any(|key| map.contains_key(*key))
        };
        says_nothing.then_some(Files::One)
    }
}
