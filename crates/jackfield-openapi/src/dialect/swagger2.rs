//! Swagger 2.0 in the shape of OpenAPI 3.
//!
//! A parameter of 2.0 is its own schema: type, format, enum and items stand beside name and place. So the node of the
//! parameter is handed on as the node of its schema, and what is no keyword of JSON Schema stays behind there.

use jackfield_model::{Code, Diagnostic, Encoding, Server};
use serde_json::{Map, Value, json};

use crate::dialect::Dialect;
use crate::document::Node;
use crate::lower::body::{Content, Field, Prefer, Sketch};
use crate::lower::media::{self, Kind};
use crate::lower::range;
use crate::lower::text;

/// The addresses that `schemes`, `host` and `basePath` make; relative where there is no host.
pub(crate) fn servers(root: &Node<'_>) -> Vec<Server> {
    let path = root.text("basePath").unwrap_or_default().trim();
    let path = if path.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let Some(host) = root.text("host").map(str::trim).filter(|host| !host.is_empty()) else {
        let relative = !path.is_empty();
        return if relative { vec![Server::at(path)] } else { Vec::new() };
    };
    // A host with a scheme in front is a common slip.
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

/// The parameter as OpenAPI 3 writes it, without its schema.
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

/// How a list is spelled, where it is not as its location has it in OpenAPI 3.
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

/// How the lists within a list are joined, from the outside in, as far as an [`Encoding`] can say it. `multi` is not for
/// them, and csv what is not said.
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

/// The body that `in: body` or `in: formData` parameters make.
pub(crate) fn body<'d>(
    root: &Node<'d>,
    item: &Node<'d>,
    operation: &Node<'d>,
    prefer: &Prefer<'_>,
) -> Result<Option<Sketch<'d>>, Box<Diagnostic>> {
    let mut found: Vec<Node<'d>> = Vec::new();
    for owner in [operation, item] {
        for node in owner.get("parameters").iter().flat_map(Node::items) {
            // A reference that leads nowhere was reported with the other parameters.
            let Ok(node) = node.resolve() else { continue };
            let named = |other: &Node<'_>| {
                other.text("name") == node.text("name") && other.text("in") == node.text("in")
            };
            if is_of_body(&node) && !found.iter().any(named) {
                found.push(node);
            }
        }
    }
    let types = media_types(root, operation, "consumes");
    if let Some(node) = found.iter().find(|node| node.text("in") == Some("body")) {
        let preferred = if types.is_empty() { vec!["application/json"] } else { types };
        let (media_type, kind) =
            media::choose(&preferred, prefer).unwrap_or(("application/json", Kind::Json));
        // A schema under a form's media type is a slip of the writer: a form has `in: formData`.
        let kind = if matches!(kind, Kind::Form | Kind::Multipart) && node.get("schema").is_none() {
            Kind::Text
        } else {
            kind
        };
        let (kind, media_type) =
            range::settle(media_type, kind, &preferred, node.get("schema").as_ref(), Dialect::Swagger2);
        return Ok(Some(Sketch {
            media_type,
            kind,
            required: node.value().get("required") == Some(&Value::Bool(true)),
            description: text::clean(node.text("description").unwrap_or_default()),
            content: Content::Schema { schema: node.get("schema"), encodings: None },
        }));
    }
    if found.is_empty() {
        return Ok(None);
    }
    let file = found.iter().any(|node| node.text("type") == Some("file"));
    let parts =
        file || types.iter().all(|media_type| Kind::of(media_type) == Kind::Multipart) && !types.is_empty();
    let fields = found.into_iter().map(field).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Sketch {
        media_type: if parts { "multipart/form-data" } else { "application/x-www-form-urlencoded" }
            .to_owned(),
        kind: if parts { Kind::Multipart } else { Kind::Form },
        required: fields.iter().any(|field| field.required),
        description: String::new(),
        content: Content::Fields(fields),
    }))
}

fn field(node: Node<'_>) -> Result<Field<'_>, Box<Diagnostic>> {
    let required = node.value().get("required") == Some(&Value::Bool(true));
    let Some(name) = node.text("name").filter(|name| !name.trim().is_empty()) else {
        return Err(Box::new(
            Diagnostic::warning(Code::MalformedParameter, node.place(), "a field of the form has no name")
                .so("the operation is left out: what it sends is not known")
                .help("give it a `name`"),
        ));
    };
    let encoding = node.as_object().and_then(collection);
    Ok(Field { name: name.to_owned(), required, encoding, node })
}

/// The media types of an operation, its own or the document's.
pub(crate) fn media_types<'d>(root: &Node<'d>, operation: &Node<'d>, key: &str) -> Vec<&'d str> {
    let list = operation.get(key).or_else(|| root.get(key));
    list.iter().filter_map(|node| node.value().as_array()).flatten().filter_map(Value::as_str).collect()
}

/// A security scheme as OpenAPI 3 writes it.
pub(crate) fn scheme(map: &Map<String, Value>) -> Value {
    let mut out = map.clone();
    if map.get("type").and_then(Value::as_str) == Some("basic") {
        out.insert("type".to_owned(), "http".into());
        out.insert("scheme".to_owned(), "basic".into());
    }
    Value::Object(out)
}
