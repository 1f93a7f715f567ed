//! Graphs of schemas. The bytes choose the references between the schemas, and the keyword of each reference. For every graph, the steps of
//! a run and the size of its files stay in proportion to the document. libFuzzer's own limits apply to time and memory.
#![no_main]

use jackfield_codegen::{Layout, Origin, generate};
use jackfield_model::ConnectorName;
use jackfield_openapi::{Choices, Limits, NoFiles, lower, read};
use jackfield_surface::{Digest, Names, Surface, lean, promise_outputs, prune, tool_names};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

const KEYWORDS: [&str; 16] = [
    "allOf", "anyOf", "oneOf", "not", "items", "properties", "additionalProperties", "$ref", "prefixItems", "if", "then",
    "patternProperties", "discriminator", "propertyNames", "dependentSchemas", "xml",
];
const VERSIONS: [&str; 3] = ["3.0.3", "3.1.0", "3.2.0"];
const MEDIA: [&str; 5] = [
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "*/*",
];
const MOST: usize = 30;
/// The maximum numbers of steps and of bytes of files, each per byte of the document, and the allowance for the smallest document.
const STEPS_PER_BYTE: usize = 24;
const BYTES_PER_BYTE: usize = 64;
const SMALLEST: usize = 100_000;

fuzz_target!(|bytes: &[u8]| {
    let Some((&[version, media], edges)) = bytes.split_first_chunk::<2>() else { return };
    let text = document(version.into(), media.into(), edges).to_string();
    let Ok(document) = read("fuzz.json", text.as_bytes(), &mut NoFiles, &Limits::default()) else { return };
    let Ok(name) = ConnectorName::new("fuzz") else { return };
    let mut lowered = lower(&document, &Choices::everything(name));
    assert!(lowered.count.is_whole(), "{:?}", lowered.count);
    assert!(lowered.steps <= STEPS_PER_BYTE * (text.len() + SMALLEST), "{} steps", lowered.steps);
    promise_outputs(&mut lowered.connector);
    prune(&mut lowered.connector);
    if version >= 128 {
        let names = tool_names(&lowered.connector, &Names::default(), 64);
        lean(&mut lowered.connector, &names);
        prune(&mut lowered.connector);
    }
    let surface = Surface::new(&lowered.connector, &Names::default());
    let origin = Origin { document: "fuzz.json".to_owned(), digest: Digest::of([text.as_bytes()]) };
    let files = generate(&lowered.connector, &surface, &origin, &Layout::Crate);
    let made: usize = files.iter().map(|(_, file)| file.text.len()).sum();
    assert!(made <= BYTES_PER_BYTE * text.len() + SMALLEST, "{made} bytes of {}", text.len());
});

/// Returns a document of schemas that refer to each other. Three bytes describe a reference: source, keyword, target.
fn document(version: usize, media: usize, edges: &[u8]) -> Value {
    let mut schemas = Map::from_iter((0..MOST).map(|at| (name(at), json!({}))));
    for (n, edge) in edges.chunks_exact(3).enumerate() {
        let (from, keyword, to) = (usize::from(edge[0]), usize::from(edge[1]), reference(edge[2].into()));
        let Some(Value::Object(schema)) = schemas.get_mut(&name(from)) else { continue };
        let keyword = KEYWORDS[keyword % KEYWORDS.len()];
        let slot = schema.entry(keyword);
        match keyword {
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                slot.or_insert_with(|| json!([])).as_array_mut().into_iter().for_each(|list| list.push(to.clone()));
            }
            "properties" | "patternProperties" | "dependentSchemas" => {
                let held = slot.or_insert_with(|| json!({})).as_object_mut();
                held.into_iter().for_each(|held| drop(held.insert(format!("p{}", n % 8), to.clone())));
            }
            "$ref" => drop(slot.or_insert_with(|| to["$ref"].clone())),
            "discriminator" => {
                let _ = slot.or_insert_with(|| json!({ "propertyName": "p0", "mapping": { "a": to["$ref"] } }));
            }
            "xml" => drop(slot.or_insert_with(|| json!({ "name": name(edge[2].into()), "wrapped": true }))),
            _ => drop(slot.or_insert(to)),
        }
    }
    let schema = reference(0);
    let content = json!({ MEDIA[media % MEDIA.len()]: { "schema": schema } });
    json!({
        "openapi": VERSIONS[version % VERSIONS.len()],
        "info": { "title": "Shop", "version": "1" },
        "servers": [{ "url": "https://api.example.com" }],
        "paths": { "/{p}": { "post": {
            "parameters": [
                { "name": "p", "in": "path", "required": true, "schema": schema },
                { "name": "q", "in": "query", "schema": schema },
            ],
            "requestBody": { "required": true, "content": content },
            "responses": { "200": { "description": "Done.", "content": content } },
        } } },
        "components": { "schemas": schemas },
    })
}

fn name(at: usize) -> String {
    format!("A{}", at % MOST)
}

fn reference(to: usize) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", name(to)) })
}
