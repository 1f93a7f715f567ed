//! Random schemas that refer to each other. The cross-crate tests include this file too.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

pub(crate) fn reference(to: usize) -> Value {
    json!({ "$ref": format!("#/components/schemas/A{to}") })
}

/// The keywords that a random schema may use, as one text; the number of schemas; and the number of keywords
/// in each.
pub(crate) struct Graphs {
    pub(crate) keywords: &'static str,
    pub(crate) most_schemas: usize,
    pub(crate) most_keywords: usize,
}

impl Graphs {
    /// Checks that many random graphs with the schemas `A0`, `A1` and so on. The seed is fixed, so that a
    /// failure can be repeated.
    pub(crate) fn check(self, cases: u32, check: impl Fn(Value)) {
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let keywords: Vec<&str> = self.keywords.split(' ').collect();
        let edge = (proptest::sample::select(keywords), 0..self.most_schemas, any::<bool>());
        let edges = proptest::collection::vec(edge, 0..=self.most_keywords);
        let nodes = proptest::collection::vec(edges, 1..=self.most_schemas);
        TestRunner::new_with_rng(config, seed)
            .run(&nodes, |nodes| {
                check(schemas(&nodes));
                Ok(())
            })
            .unwrap();
    }
}

/// Returns a schema for each node, with a keyword for each edge. An edge consists of the keyword's name, the schema
/// to which it leads, and whether that schema is wrapped in an inline schema.
fn schemas(nodes: &[Vec<(&str, usize, bool)>]) -> Value {
    let mut schemas = Map::new();
    for (at, edges) in nodes.iter().enumerate() {
        let mut schema = Map::new();
        for (n, (keyword, to, inline)) in edges.iter().enumerate() {
            let plain = reference(to % nodes.len());
            let target = if *inline { json!({ "type": "object", "allOf": [plain] }) } else { plain.clone() };
            let slot = schema.entry(*keyword);
            match *keyword {
                "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                    slot.or_insert_with(|| json!([])).as_array_mut().unwrap().push(target);
                }
                "properties" | "patternProperties" | "dependentSchemas" => {
                    let name = format!("p{}", n % 3);
                    slot.or_insert_with(|| json!({})).as_object_mut().unwrap().insert(name, target);
                }
                "$ref" => {
                    slot.or_insert_with(|| plain["$ref"].clone());
                }
                "discriminator" => {
                    slot.or_insert_with(
                        || json!({ "propertyName": "p0", "mapping": { "a": plain["$ref"] } }),
                    );
                }
                _ => drop(slot.or_insert(target)),
            }
        }
        schemas.insert(format!("A{at}"), schema.into());
    }
    schemas.into()
}
