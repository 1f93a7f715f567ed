//! Converts Swagger 2.0 to the form of OpenAPI 3.
//!
//! In 2.0 a parameter contains the keywords of its schema, such as type, format, enum and items, beside its name and location. So the node
//! of the parameter is also the node of its schema. From that schema, all keywords are dropped that JSON Schema does not define.

use jackfield_model::{Encoding, Server};
use serde_json::{Map, Value, json};

use crate::document::Node;

/// Returns the servers that `schemes`, `host` and `basePath` describe; relative if there is no host.
pub(crate) fn servers(root: &Node<'_>) -> Vec<Server> {
    let path = root.text("basePath").unwrap_or_default().trim();
    let path = if path.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let Some(host) = root.text("host").map(str::trim).filter(|host| !host.is_empty()) else {
        let relative = !path.is_empty();
        return if relative { vec![Server::at(path)] } else { Vec::new() };
    };
    // Authors often write a scheme before the host.
    let host = host.split_once("://").map_or(host, |(_, rest)| rest).trim_end_matches('/');
    let schemes: Vec<&str> = root
        .value()
        .get("schemes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let order = if schemes.is_empty() {
        vec!["https"]
    } else {
        ["https", "http"].into_iter().filter(|scheme| schemes.contains(scheme)).collect()
    };
    order.into_iter().map(|scheme| Server::at(format!("{scheme}://{host}{path}"))).collect()
}

/// Whether the parameter belongs to the body.
pub(crate) fn is_of_body(node: &Node<'_>) -> bool {
    matches!(node.text("in"), Some("body" | "formData"))
}

/// Converts the parameter to the form of OpenAPI 3, without its schema.
pub(crate) fn parameter(map: &Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    for key in ["name", "in", "description", "required", "deprecated"] {
        if let Some(value) = map.get(key).filter(|value| !value.is_null()) {
            out.insert(key.to_owned(), value.clone());
        }
    }
    out.insert("schema".to_owned(), json!({}));
    out
}

/// Returns the encoding of a list, if it differs from the default of its location in OpenAPI 3.
pub(crate) fn collection(map: &Map<String, Value>) -> Option<Encoding> {
    let is = |key: &str, text: &str| map.get(key).and_then(Value::as_str) == Some(text);
    if !is("type", "array") && !map.contains_key("items") {
        return None;
    }
    let has_pairs = is("in", "query") || is("in", "formData");
    let outer = match map.get("collectionFormat").and_then(Value::as_str) {
        Some("multi") if has_pairs => Some(Encoding::FORM),
        Some("ssv") => Some(Encoding::SPACES),
        Some("tsv") => Some(Encoding::TABS),
        Some("pipes") => Some(Encoding::PIPES),
        _ => has_pairs.then_some(Encoding::JOINED),
    };
    let inner = of_items(map);
    if inner.is_empty() {
        return outer;
    }
    let outer = outer.unwrap_or(Encoding::SIMPLE);
    Some(inner.into_iter().fold(outer, Encoding::of_lists))
}

/// Returns the encodings of nested lists, outermost first, as far as an [`Encoding`] can express them. Inner lists
/// cannot be `multi`, and are `csv` by default.
fn of_items(map: &Map<String, Value>) -> Vec<Encoding> {
    let mut found = Vec::new();
    let mut items = map.get("items").and_then(Value::as_object);
    while let Some(list) = items.filter(|_| found.len() < 3) {
        if list.get("type").and_then(Value::as_str) != Some("array") && !list.contains_key("items") {
            break;
        }
        found.push(match list.get("collectionFormat").and_then(Value::as_str) {
            Some("ssv") => Encoding::SPACES,
            Some("tsv") => Encoding::TABS,
            Some("pipes") => Encoding::PIPES,
            _ => Encoding::JOINED,
        });
        items = list.get("items").and_then(Value::as_object);
    }
    found
}

/// Returns the media types of an operation: its own, or else the document's.
pub(crate) fn media_types<'d>(root: &Node<'d>, operation: &Node<'d>, key: &str) -> Vec<&'d str> {
    let list = operation.get(key).or_else(|| root.get(key));
    list.iter().filter_map(|node| node.value().as_array()).flatten().filter_map(Value::as_str).collect()
}

/// Converts a security scheme to the form of OpenAPI 3.
pub(crate) fn scheme(map: &Map<String, Value>) -> Value {
    let mut out = map.clone();
    if map.get("type").and_then(Value::as_str) == Some("basic") {
        out.insert("type".to_owned(), "http".into());
        out.insert("scheme".to_owned(), "basic".into());
    }
    Value::Object(out)
}
