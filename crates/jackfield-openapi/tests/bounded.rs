//! Lowering a document takes steps and produces text in proportion to the document's size, however its
//! schemas refer to each other. The tests count steps and do not depend on a clock.

#![allow(clippy::unwrap_used, reason = "a failing test is a panic by design")]

#[path = "bounded/schema_graph.rs"]
mod schema_graph;

use std::fmt::Write as _;

use jackfield_model::{Code, ConnectorName, Defs, ToolName};
use jackfield_openapi::{Choices, Limits, Lowered, NoFiles, candidates, lower, read};
use jackfield_surface::lean;
use schema_graph::{Graphs, reference};
use serde_json::{Map, Value, json};

/// The maximum number of steps, and of bytes of schemas, per byte of a document.
const STEPS_PER_BYTE: usize = 24;
const BYTES_PER_BYTE: usize = 24;
/// An allowance for the smallest document, which has a title too.
const SMALLEST: usize = 500;

fn lowered(document: &Value) -> Lowered {
    let text = document.to_string();
    let document = read("api.json", text.as_bytes(), &mut NoFiles, &Limits::default()).unwrap();
    let lowered = lower(&document, &Choices::everything(ConnectorName::new("api").unwrap()));
    assert!(lowered.count.is_whole(), "{:?}", lowered.count);
    lowered
}

/// Returns the number of bytes of all schemas and recipes.
fn size_of(lowered: &Lowered) -> usize {
    let defs = |defs: &Defs| defs.values().map(|it| it.as_value().to_string().len()).sum::<usize>();
    let pool = &lowered.connector.pool;
    let args = lowered.connector.operations().flat_map(|operation| &operation.args);
    let args: usize = args.map(|arg| arg.schema.as_value().to_string().len()).sum();
    let recipe = lowered.connector.operations().flat_map(|operation| &operation.recipe);
    let recipe: usize = recipe.map(|step| step.to_string().len()).sum();
    defs(&pool.send) + defs(&pool.receive) + args + recipe
}

/// Returns the number of bytes of all schemas and recipes in the full wording, and in the lean wording.
fn sizes(lowered: &mut Lowered) -> [usize; 2] {
    let full = size_of(lowered);
    let names = 0..lowered.connector.operations().count();
    let names: Vec<_> = names.map(|at| ToolName::new(format!("tool_{at}")).unwrap()).collect();
    lean(&mut lowered.connector, &names);
    [full, size_of(lowered)]
}

/// Returns a document whose operations use these schemas in every place where schemas may occur.
fn document(schemas: Value) -> Value {
    let schema = json!({ "$ref": "#/components/schemas/A0" });
    let content =
        |media_type: &str| json!({ "required": true, "content": { media_type: { "schema": schema } } });
    let post = |media_type: &str| {
        json!({ "post": { "requestBody": content(media_type), "responses": { "200": {
            "description": "Done.", "content": { media_type: { "schema": schema } } } } } })
    };
    let parameter =
        |name: &str, place: &str| json!({ "name": name, "in": place, "required": true, "schema": schema });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Shop", "version": "1" },
        "servers": [{ "url": "https://api.example.com" }],
        "paths": {
            "/json": post("application/json"),
            "/form": post("application/x-www-form-urlencoded"),
            "/parts": post("multipart/form-data"),
            "/xml": post("application/xml"),
            "/{p}": { "get": {
                "parameters": [
                    parameter("p", "path"), parameter("q", "query"), parameter("h", "header"), parameter("c", "cookie"),
                ],
                "responses": { "204": { "description": "Done." } },
            } },
        },
        "components": { "schemas": schemas },
    })
}

/// Creates `count` schemas, each of which refers to the next schema twice in the list of `keyword`. The last schema
/// has a property.
fn doubling(keyword: &str, count: usize) -> Value {
    let mut schemas = Map::new();
    for at in 0..count {
        schemas.insert(format!("A{at}"), json!({ keyword: [reference(at + 1), reference(at + 1)] }));
    }
    schemas.insert(
        format!("A{count}"),
        json!({ "type": "object", "properties": { "p": { "type": "string" } } }),
    );
    schemas.into()
}

fn assert_linear(document: &Value) {
    let size = document.to_string().len() + SMALLEST;
    let mut lowered = lowered(document);
    let steps = lowered.steps;
    assert!(steps <= STEPS_PER_BYTE * size, "{steps} steps for {size} bytes: {document}");
    for bytes in sizes(&mut lowered) {
        assert!(bytes <= BYTES_PER_BYTE * size, "{bytes} bytes of {size}: {document}");
    }
}

#[test]
fn schema_with_nine_references_to_itself_takes_steps_linear_in_its_size() {
    for keyword in ["allOf", "anyOf", "oneOf"] {
        assert_linear(&document(json!({ "A0": { keyword: vec![reference(0); 9] } })));
    }
}

#[test]
fn schemas_that_refer_twice_to_the_next_schema_take_linear_steps() {
    for keyword in ["allOf", "anyOf", "oneOf", "prefixItems"] {
        for count in [24, 60, 500] {
            assert_linear(&document(doubling(keyword, count)));
        }
    }
}

#[test]
fn all_of_with_many_large_objects_takes_steps_linear_in_its_size() {
    let wide = |at: usize| -> Value {
        let properties: Map<String, Value> =
            (0..50).map(|n| (format!("p{at}_{n}"), json!({ "type": "string" }))).collect();
        json!({ "type": "object", "properties": properties })
    };
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let mut schemas: Map<String, Value> = (1..=50).map(|at| (format!("A{at}"), wide(at))).collect();
        schemas.insert("A0".to_owned(), json!({ keyword: (1..=50).map(reference).collect::<Vec<_>>() }));
        assert_linear(&document(schemas.into()));
        let twice = json!({ "A0": { keyword: vec![reference(1); 200] }, "A1": wide(1) });
        assert_linear(&document(twice));
    }
}

#[test]
fn schemas_with_all_of_any_of_and_one_of_take_steps_linear_in_their_size() {
    let mut schemas = Map::new();
    for at in 0..12 {
        let parts: Vec<Value> = (0..12).map(|n| reference((at + n) % 12)).collect();
        schemas.insert(format!("A{at}"), json!({ "oneOf": parts, "anyOf": parts, "allOf": parts }));
    }
    assert_linear(&document(schemas.into()));
}

#[test]
fn mutually_referencing_discriminators_take_steps_linear_in_their_size() {
    let mut schemas = Map::new();
    for at in 0..20 {
        let parts: Vec<Value> = (0..20).map(reference).collect();
        let mapping: Map<String, Value> =
            (0..20).map(|n| (format!("t{n}"), format!("#/components/schemas/A{n}").into())).collect();
        schemas.insert(
            format!("A{at}"),
            json!({ "oneOf": parts, "discriminator": { "propertyName": "kind", "mapping": mapping } }),
        );
    }
    assert_linear(&document(schemas.into()));
}

#[test]
fn discriminator_values_beyond_the_limit_are_left_out() {
    let parts = vec![reference(1); 200];
    let mapping: Map<String, Value> =
        (0..200).map(|n| (format!("t{n}"), "#/components/schemas/A1".into())).collect();
    let schemas = json!({
        "A0": { "oneOf": parts, "discriminator": { "propertyName": "kind", "mapping": mapping } },
        "A1": { "type": "object", "properties": { "kind": { "type": "string" } } },
    });
    let document = document(schemas);
    assert_linear(&document);
    let findings = lowered(&document).diagnostics;
    let limits: Vec<_> = findings.iter().filter(|finding| finding.code == Code::SchemaLimit).collect();
    assert!(!limits.is_empty() && limits.iter().all(|it| it.problem.contains("discriminator")), "{limits:?}");
}

#[test]
fn chains_of_references_take_steps_linear_in_their_size() {
    let mut schemas: Map<String, Value> = (0..90).map(|at| (format!("A{at}"), reference(at + 1))).collect();
    schemas.insert("A90".to_owned(), json!({ "type": "string" }));
    assert_linear(&document(schemas.into()));
    let circle: Map<String, Value> = (0..90).map(|at| (format!("A{at}"), reference((at + 1) % 90))).collect();
    assert_linear(&document(circle.into()));
}

#[test]
fn schema_composed_of_more_than_1000_schemas_is_reported() {
    let mut schemas = Map::new();
    for at in 0..30 {
        let parts: Vec<Value> = (0..50).map(|n| reference(100 + at * 50 + n)).collect();
        schemas.insert(format!("A{}", at + 1), json!({ "allOf": parts }));
        for n in 0..50 {
            let name = format!("p{at}_{n}");
            let part = json!({ "type": "object", "properties": { name: { "type": "string" } } });
            schemas.insert(format!("A{}", 100 + at * 50 + n), part);
        }
    }
    schemas.insert("A0".to_owned(), json!({ "allOf": (1..=30).map(reference).collect::<Vec<_>>() }));
    let document = document(schemas.into());
    assert_linear(&document);
    let lowered = lowered(&document);
    assert_eq!((lowered.count.emitted, lowered.count.skipped), (5, 0));
    let limit = lowered.diagnostics.iter().find(|finding| finding.code == Code::SchemaLimit).unwrap();
    assert!(limit.problem.contains("more than 1000 other schemas"), "{limit:?}");
    assert!(limit.place.is_some() && limit.remedy.contains("exclude"), "{limit:?}");
}

/// Documents that use shared parts many times. Memory must not grow with the product of parts and uses.
#[test]
fn shared_parts_of_many_operations_take_limited_memory() {
    let properties: Map<String, Value> = (0..400)
        .map(|n| (format!("property_{n}"), json!({ "type": "string", "description": "Words." })))
        .collect();
    let schema = json!({ "type": "object", "properties": properties });
    let content = json!({ "application/json": { "schema": schema } });
    let operation = json!({ "post": {
        "parameters": [{ "$ref": "#/components/parameters/p" }],
        "requestBody": { "$ref": "#/components/requestBodies/b" },
        "responses": { "200": { "$ref": "#/components/responses/r" } },
    } });
    let paths: Map<String, Value> = (0..400).map(|n| (format!("/{n}"), operation.clone())).collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "Shop", "version": "1" },
        "servers": [{ "url": "https://api.example.com" }],
        "paths": paths,
        "components": {
            "parameters": { "p": { "name": "p", "in": "query", "schema": schema } },
            "requestBodies": { "b": { "required": true, "content": content } },
            "responses": { "r": { "description": "Done.", "content": content } },
        },
    });
    let size = document.to_string().len();
    let lowered = lowered(&document);
    assert!(lowered.steps <= 2 * (500_000 + 4 * size), "{} steps for {size} bytes", lowered.steps);
    // A step copies at most sixteen bytes of text; keys and punctuation are not counted.
    let full = size_of(&lowered);
    assert!(full <= 100_000_000, "{full} bytes");
    let limits: Vec<_> = lowered.diagnostics.iter().filter(|it| it.code == Code::SchemaLimit).collect();
    assert!(!limits.is_empty() && limits.len() <= 403, "{}", limits.len());
    assert_eq!(lowered.count.emitted + lowered.count.skipped, 400);
}

#[test]
fn paths_that_refer_to_one_path_item_take_limited_memory() {
    let parameters: Vec<Value> = (0..1_000)
        .map(|n| json!({ "name": format!("p{n}"), "in": "query", "required": true, "schema": { "type": "string" } }))
        .collect();
    let mut paths: Map<String, Value> =
        (0..500).map(|n| (format!("/{n}"), json!({ "$ref": "#/paths/~1shared" }))).collect();
    paths.insert("/shared".to_owned(), json!({ "parameters": parameters, "get": { "responses": {} } }));
    let document = json!({
        "openapi": "3.0.3", "info": { "title": "Shop", "version": "1" },
        "servers": [{ "url": "https://api.example.com" }], "paths": paths,
    });
    let size = document.to_string().len();
    let lowered = lowered(&document);
    assert!(lowered.steps <= 3 * (500_000 + 4 * size), "{} steps for {size} bytes", lowered.steps);
    assert!(lowered.count.skipped > 0, "{:?}", lowered.count);
    assert!(lowered.skips.iter().all(|skip| skip.reason.code == Code::SchemaLimit));
}

#[test]
fn tags_of_a_shared_path_item_are_listed_within_the_budget() {
    let tags: Vec<String> = (0..4_000).map(|at| format!("t{at}")).collect();
    let path = |at: usize| (format!("/p{at}"), json!({ "$ref": "#/components/pathItems/Shared" }));
    let paths: Map<String, Value> = (0..1_000).map(path).collect();
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "Shop", "version": "1" },
        "paths": paths,
        "components": { "pathItems": { "Shared": { "get": { "tags": tags, "responses": {} } } } },
    });
    let text = document.to_string();
    let document = read("api.json", text.as_bytes(), &mut NoFiles, &Limits::default()).unwrap();
    let listed = candidates(&document);
    assert!(!listed.is_empty() && listed.len() * 4_000 < text.len() * STEPS_PER_BYTE, "{}", listed.len());
    let everything = Choices::everything(ConnectorName::new("api").unwrap());
    let lowered = lower(&document, &Choices { chosen: Some(vec![true; listed.len()]), ..everything });
    assert!(lowered.count.is_whole(), "{:?}", lowered.count);
    assert_eq!((lowered.count.operations, lowered.count.emitted), (1_000, listed.len()));
    assert!(lowered.skips.iter().all(|skip| skip.reason.code == Code::SchemaLimit));
}

#[test]
fn circular_references_of_every_kind_terminate() {
    let two = |a: &str, b: &str, kind: &str| {
        json!({
            a: { "$ref": format!("#/components/{kind}/{b}") }, b: { "$ref": format!("#/components/{kind}/{a}") },
        })
    };
    let kinds = ["parameters", "requestBodies", "responses", "headers", "links", "callbacks", "examples"];
    let mut components: Map<String, Value> =
        kinds.iter().map(|kind| ((*kind).to_owned(), two("A", "B", kind))).collect();
    components.insert("pathItems".to_owned(), two("A", "B", "pathItems"));
    let link = |kind: &str| json!({ "$ref": format!("#/components/{kind}/A") });
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "Shop", "version": "1" },
        "servers": [{ "url": "https://api.example.com" }],
        "paths": {
            "/a": { "$ref": "#/paths/~1b" },
            "/b": { "$ref": "#/paths/~1a" },
            "/c": { "$ref": "#/components/pathItems/A" },
            "/d": { "get": {
                "parameters": [link("parameters")],
                "responses": { "200": link("responses"), "201": {
                    "description": "Done.", "headers": { "x": link("headers") }, "links": { "l": link("links") },
                    "content": { "application/json": { "schema": {}, "examples": { "e": link("examples") } } },
                } },
                "callbacks": { "c": link("callbacks") },
            } },
            "/e": { "post": { "requestBody": link("requestBodies"), "responses": {} } },
        },
        "components": components,
    });
    assert_linear(&document);
}

#[test]
fn random_schema_graphs_take_steps_and_text_linear_in_their_size() {
    let keywords = "allOf anyOf oneOf not items properties additionalProperties $ref prefixItems if patternProperties \
                    discriminator propertyNames contains dependentSchemas";
    let graphs = Graphs { keywords, most_schemas: 30, most_keywords: 5 };
    graphs.check(600, |schemas| assert_linear(&document(schemas)));
}

#[test]
fn deep_nesting_takes_steps_linear_in_its_size() {
    for keyword in ["items", "not", "additionalProperties"] {
        let mut schema = json!({ "type": "string" });
        for _ in 0..100 {
            schema = json!({ keyword: schema });
        }
        assert_linear(&document(json!({ "A0": schema })));
    }
}

/// A reference to `#/$defs/…` is resolved in the enclosing schemas with a single search instead of a search
/// for each enclosing node.
#[test]
fn lowering_of_many_references_to_a_missing_schema_terminates() {
    let mut schema = json!({ "anyOf": vec![json!({ "$ref": "#/$defs/Missing" }); 500] });
    let mut path = String::new();
    for _ in 0..100 {
        schema = json!({ "items": schema });
        let _ = write!(path, "/items");
    }
    let lowered = lowered(&document(json!({ "A0": schema })));
    assert_eq!(lowered.count.operations, 5);
}

/// The pointer of every visited value contains all keys that lead to it, so the total length of these keys is limited.
#[test]
fn keys_longer_than_the_limit_are_refused() {
    let refused = |document: &Value| {
        read("api.json", document.to_string().as_bytes(), &mut NoFiles, &Limits::default())
            .err()
            .map(|it| it.code)
    };
    let long =
        |length: usize| json!({ "openapi": "3.0.3", "paths": { format!("/{}", "a".repeat(length)): {} } });
    assert_eq!(refused(&long(10_000)), None);
    assert_eq!(refused(&long(20_000)), Some(Code::Limit));
}
