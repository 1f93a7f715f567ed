//! Reads the operations of a document, without the code that makes tools.

use std::collections::BTreeMap;

use jackfield_build::{Document, Node};
use serde_json::{Map, Value};

/// An operation in the document.
#[derive(Debug, Default)]
pub(super) struct Operation {
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) parameters: Vec<Parameter>,
}

/// A parameter that an operation declares or inherits from the path item.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    pub(super) location: String,
    pub(super) name: String,
    pub(super) required: bool,
    /// The schema without its texts and examples.
    pub(super) schema: String,
    /// Whether the schema has a default or allows only one value.
    pub(super) has_value: bool,
}

const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];
/// Keywords of a Swagger 2.0 parameter that do not belong to the schema, and annotations for people.
const NO_SCHEMA: [&str; 9] =
    ["name", "in", "required", "description", "title", "example", "examples", "deprecated", "x-example"];

/// Returns every operation, by upper-case method and key of `paths`.
pub(super) fn operations(document: &Document) -> BTreeMap<(String, String), Operation> {
    let mut found = BTreeMap::new();
    let paths = document.root().get("paths");
    for (path, item) in paths.iter().flat_map(Node::entries) {
        let Some(item) = item.target() else { continue };
        for method in METHODS {
            let Some(node) = item.get(method).and_then(|node| node.target()) else { continue };
            let text = |key: &str| node.text(key).or_else(|| item.text(key)).unwrap_or_default().to_owned();
            let operation = Operation {
                summary: text("summary"),
                description: text("description"),
                parameters: parameters(&item, &node),
            };
            found.insert((method.to_uppercase(), path.to_owned()), operation);
        }
    }
    found
}

fn parameters(item: &Node<'_>, operation: &Node<'_>) -> Vec<Parameter> {
    let mut found: Vec<Parameter> = Vec::new();
    for list in [item, operation].into_iter().filter_map(|node| node.get("parameters")) {
        for parameter in list.items().filter_map(|node| parameter(&node.target()?)) {
            found.retain(|known| (&known.location, &known.name) != (&parameter.location, &parameter.name));
            found.push(parameter);
        }
    }
    found
}

fn parameter(node: &Node<'_>) -> Option<Parameter> {
    let location = node.text("in")?.to_owned();
    let name = node.text("name")?;
    // Header names are case-insensitive.
    let name = if location == "header" { name.to_lowercase() } else { name.to_owned() };
    let own = node.get("schema").and_then(|schema| schema.target());
    let schema = own.as_ref().unwrap_or(node).as_object()?;
    let alone = |key: &str| schema.get(key).and_then(Value::as_array).is_some_and(|list| list.len() == 1);
    let has_value = schema.get("default").is_some_and(|value| !value.is_null())
        || schema.contains_key("const")
        || alone("enum");
    let kept = schema.iter().filter(|(key, _)| !NO_SCHEMA.contains(&key.as_str()));
    let schema: Map<String, Value> = kept.map(|(key, value)| (key.clone(), value.clone())).collect();
    Some(Parameter {
        location,
        name,
        required: node.as_object()?.get("required") == Some(&Value::Bool(true)),
        schema: Value::Object(schema).to_string(),
        has_value,
    })
}

/// Returns the location and name of every declared API key.
pub(super) fn keys(document: &Document) -> Vec<(String, String)> {
    let root = document.root();
    let newer = root.get("components").and_then(|node| node.get("securitySchemes"));
    let lists = [newer, root.get("securityDefinitions")];
    let schemes = lists.iter().flatten().flat_map(Node::entries);
    let key = |node: Node<'_>| {
        let node = node.target()?;
        let location = node.text("in")?.to_owned();
        let name = node.text("name")?;
        Some((location.clone(), if location == "header" { name.to_lowercase() } else { name.to_owned() }))
    };
    schemes.filter_map(|(_, node)| key(node)).collect()
}

/// Whether the document declares its version.
pub(super) fn has_version(document: &Document) -> bool {
    document.root().get("info").is_some_and(|info| info.text("version").is_some_and(|text| !text.is_empty()))
}
