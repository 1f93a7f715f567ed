//! A run generates files in proportion to the document, however its schemas refer to each other, and sampling
//! the tools terminates. The seed is fixed, so that a failure can be repeated.

#[path = "../../../crates/jackfield-openapi/tests/bounded/schema_graph.rs"]
mod schema_graph;

use std::fs;

use jackfield_build::{Job, Layout, Manifest, Wording, model_of};
use jackfield_testkit::{Fill, arguments, fits};
use schema_graph::{Graphs, reference};
use serde_json::{Map, Value, json};

/// The maximum number of bytes of generated files per byte of the document, and the allowance for the
/// smallest connector.
const BYTES_PER_BYTE: usize = 48;
const SMALLEST: usize = 60_000;

/// Returns an operation with these schemas in its query, its body and its reply.
fn document(schemas: Value) -> Value {
    let schema = json!({ "$ref": "#/components/schemas/A0" });
    let content = json!({ "application/json": { "schema": schema } });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Shop", "version": "1" },
        "servers": [{ "url": "https://api.example.com" }],
        "paths": { "/a": {
            "get": {
                "operationId": "get",
                "parameters": [{ "name": "q", "in": "query", "schema": schema }],
                "responses": { "200": { "description": "Done.", "content": content } },
            },
            "post": {
                "operationId": "post",
                "requestBody": { "required": true, "content": content },
                "responses": { "204": { "description": "Done." } },
            },
        } },
        "components": { "schemas": schemas },
    })
}

/// Generates the connector in both wordings with output schemas, and samples every tool.
fn check(document: &Value) {
    let folder = tempfile::tempdir().unwrap();
    let text = document.to_string();
    fs::write(folder.path().join("shop.json"), &text).unwrap();
    for wording in [Wording::Lean, Wording::Full] {
        let manifest = "document = \"shop.json\"\nname = \"shop\"\noutput_schemas = true\n";
        let manifest = Manifest::parse("connector.toml", manifest, folder.path()).unwrap();
        let modelled = model_of(&Job::new(manifest.worded(Some(wording)))).unwrap();
        let defs = modelled.connector.pool.send.clone();
        for operation in modelled.connector.operations() {
            for (name, value) in arguments(operation, &defs, Fill::Full) {
                let arg = operation.args.iter().find(|arg| arg.name.as_str() == name).unwrap();
                fits(&value, arg.schema.as_value(), &defs);
            }
        }
        let generated = modelled.generate(&Layout::Crate);
        let bytes: usize = generated.files.iter().map(|(_, file)| file.text.len()).sum();
        assert!(bytes <= BYTES_PER_BYTE * text.len() + SMALLEST, "{bytes} bytes of {}: {text}", text.len());
    }
}

#[test]
fn code_and_sample_arguments_are_made_for_hostile_schema_graphs() {
    for keyword in ["allOf", "anyOf", "oneOf"] {
        check(&document(json!({ "A0": { keyword: vec![reference(0); 9] } })));
        let mut schemas: Map<String, Value> = (0..60)
            .map(|at| (format!("A{at}"), json!({ keyword: [reference(at + 1), reference(at + 1)] })))
            .collect();
        schemas.insert(
            "A60".to_owned(),
            json!({ "type": "object", "properties": { "p": { "type": "string" } } }),
        );
        check(&document(schemas.into()));
        let circle: Map<String, Value> = (0..9)
            .map(|at| (format!("A{at}"), json!({ keyword: (0..9).map(reference).collect::<Vec<_>>() })))
            .collect();
        check(&document(circle.into()));
    }
}

#[test]
fn code_and_sample_arguments_are_made_for_random_schema_graphs() {
    let keywords = "allOf anyOf oneOf not items properties additionalProperties $ref if propertyNames";
    Graphs { keywords, most_schemas: 12, most_keywords: 4 }.check(24, |schemas| check(&document(schemas)));
}
