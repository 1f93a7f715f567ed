//! A synthetic document, for machines without the real documents.

use serde_json::{Value, json};

/// The number of operations. The form of the generated code was chosen for a real document with the same number.
pub(super) const OPERATIONS: usize = 1223;

/// Creates a document with this number of operations, which resemble the operations of real documents.
pub(super) fn document(operations: usize) -> Value {
    let mut paths = serde_json::Map::new();
    let words =
        "Lists the items page by page, with a cursor for the next page. Requires a token with read access. ";
    for n in 0..operations / 5 + 1 {
        let id = |verb: &str| format!("{verb}-thing-{n}");
        let tag = format!("group {}", n % 40);
        let parameters = json!([
            { "name": "owner", "in": "path", "required": true, "schema": { "type": "string" }, "description": "The owner." },
            { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 100, "default": 30 } },
            { "name": "kinds", "in": "query", "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Kind" } } },
        ]);
        let body = json!({ "required": true, "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/Thing{}", n % 200) } } } });
        let operation = |verb: &str, body: Option<&Value>| {
            let mut operation = json!({
                "operationId": id(verb), "tags": [tag], "summary": format!("{verb} a thing"), "description": words.repeat(2),
                "parameters": parameters, "responses": { "200": { "description": "Done." } },
            });
            if let (Some(map), Some(body)) = (operation.as_object_mut(), body) {
                map.insert("requestBody".to_owned(), body.clone());
            }
            operation
        };
        let mut item = serde_json::Map::new();
        for (at, (verb, with_body)) in
            [("get", false), ("post", true), ("put", true), ("patch", true), ("delete", false)]
                .into_iter()
                .enumerate()
        {
            if n * 5 + at < operations {
                item.insert(verb.to_owned(), operation(verb, with_body.then_some(&body)));
            }
        }
        paths.insert(format!("/owners/{{owner}}/things-{n}"), item.into());
    }
    let mut schemas = serde_json::Map::new();
    schemas.insert("Kind".to_owned(), json!({ "type": "string", "enum": ["plain", "fancy", "rare"] }));
    for n in 0..200 {
        schemas.insert(
            format!("Thing{n}"),
            json!({
                "type": "object", "required": ["name"],
                "properties": {
                    "name": { "type": "string", "minLength": 1, "description": "What it is called." },
                    "kind": { "$ref": "#/components/schemas/Kind" },
                    "parent": { "$ref": format!("#/components/schemas/Thing{}", (n + 1) % 200) },
                    "labels": { "type": "array", "items": { "type": "string" } },
                    "price": { "type": "number", "nullable": true },
                },
            }),
        );
    }
    json!({
        "openapi": "3.0.3", "info": { "title": "Synthetic", "version": "1" },
        "servers": [{ "url": "https://api.example.com" }], "paths": paths, "components": { "schemas": schemas },
    })
}
