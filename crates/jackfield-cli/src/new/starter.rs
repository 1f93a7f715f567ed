//! Writes the OpenAPI document that is made from listed operations.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::operation::{StarterArgument, StarterOperation};

/// The keys that are written without quotes. All other strings are written as JSON strings, which are valid YAML.
const KEYS: [&str; 9] = ["enum", "format", "in", "items", "name", "properties", "required", "schema", "type"];

/// Returns the text of the document.
pub(super) fn document(name: &str, base_url: &str, operations: &[StarterOperation]) -> String {
    let mut text = format!(
        "# An OpenAPI document. `jackfield new` began it; from now on it is yours. After a change, run `jackfield gen --lock-only`\n\
         # in this folder. The replies of the service can be described too: https://spec.openapis.org/oas/v3.1.1.html\n\
         openapi: 3.1.0\n\
         info:\n  title: {}\n  version: \"1\"\n\
         servers:\n  - url: {}\npaths:\n",
        json!(name),
        json!(base_url)
    );
    let mut paths: Vec<&str> = Vec::new();
    for operation in operations {
        if !paths.contains(&operation.path.as_str()) {
            paths.push(&operation.path);
        }
    }
    for path in paths {
        let _ = writeln!(text, "  {}:", json!(path));
        for operation in operations.iter().filter(|operation| operation.path == path) {
            add(&mut text, operation);
        }
    }
    text
}

fn add(text: &mut String, operation: &StarterOperation) {
    let _ = writeln!(text, "    {}:", operation.method.to_ascii_lowercase());
    let _ = writeln!(text, "      summary: {}", json!(operation.does));
    let variables = operation.variables();
    let (in_path, others): (Vec<_>, Vec<_>) =
        operation.arguments.iter().partition(|argument| variables.contains(argument.name.as_str()));
    let has_body = !matches!(operation.method, "GET" | "DELETE");
    let mut parameters = Vec::new();
    for name in &variables {
        let schema = in_path.iter().find(|argument| argument.name == *name);
        let schema = schema.map_or_else(|| json!({ "type": "string" }), |argument| argument.schema.clone());
        parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    if !has_body {
        parameters.extend(others.iter().map(|argument| in_query(argument)));
    }
    if !parameters.is_empty() {
        text.push_str("      parameters:\n");
        parameters.iter().for_each(|parameter| {
            let _ = writeln!(text, "        - {}", flow(parameter));
        });
    }
    if has_body && !others.is_empty() {
        text.push_str("      requestBody:\n");
        let _ = writeln!(text, "        required: {}", others.iter().any(|argument| argument.is_required));
        let _ = writeln!(
            text,
            "        content:\n          application/json:\n            schema: {}",
            flow(&body(&others))
        );
    }
    text.push_str("      responses:\n        default: { description: The reply of the service. }\n");
}

fn in_query(argument: &StarterArgument) -> Value {
    let StarterArgument { name, is_required, schema } = argument;
    json!({ "name": name, "in": "query", "required": is_required, "schema": schema })
}

fn body(arguments: &[&StarterArgument]) -> Value {
    let properties: Map<String, Value> =
        arguments.iter().map(|argument| (argument.name.clone(), argument.schema.clone())).collect();
    let required = arguments.iter().filter(|argument| argument.is_required).map(|argument| &argument.name);
    let required: Vec<&String> = required.collect();
    match required.is_empty() {
        true => json!({ "type": "object", "properties": properties }),
        false => json!({ "type": "object", "properties": properties, "required": required }),
    }
}

/// Formats a value as YAML on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| match KEYS.contains(&key.as_str()) {
                true => format!("{key}: {}", flow(value)),
                false => format!("{}: {}", json!(key), flow(value)),
            });
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        plain => plain.to_string(),
    }
}
