//! The schemas of a definition, in the form in which the comparison takes them.

use std::collections::BTreeSet;

use jackfield_model::{Defs, Schema};
use serde_json::{Map, Value, json};

/// The number of copied values after which no further schema is copied.
const MOST_COPIED: usize = 200_000;

/// A schema whose local references have the form `#/$defs/NAME`.
#[derive(Debug)]
pub(super) struct ListedSchema {
    pub(super) root: Value,
    pub(super) defs: Defs,
    /// Whether a reference leads to a schema that is not available.
    pub(super) is_incomplete: bool,
}

impl ListedSchema {
    /// Converts a schema. Servers also write `#/definitions/NAME`, and pointers to any other place of the schema.
    pub(super) fn of(schema: Option<&Value>) -> Self {
        let Some(schema) = schema else {
            return Self { root: json!({ "type": "object" }), defs: Defs::new(), is_incomplete: false };
        };
        let mut copy =
            Copy { whole: schema, known: BTreeSet::new(), open: Vec::new(), is_incomplete: false, copied: 0 };
        let root = copy.of(schema);
        let mut defs = Defs::new();
        // The schema of a target may refer to further targets.
        while let Some((name, target)) = copy.open.pop() {
            if copy.copied >= MOST_COPIED {
                copy.is_incomplete = true;
                break;
            }
            let target = copy.of(target);
            defs.insert(name, Schema::new(target));
        }
        Self { root, defs, is_incomplete: copy.is_incomplete }
    }
}

/// A copy of a schema in progress.
struct Copy<'s> {
    whole: &'s Value,
    /// The names of all targets.
    known: BTreeSet<String>,
    /// The targets that are not copied yet.
    open: Vec<(String, &'s Value)>,
    is_incomplete: bool,
    copied: usize,
}

impl<'s> Copy<'s> {
    fn of(&mut self, value: &'s Value) -> Value {
        self.copied += 1;
        match value {
            Value::Object(map) => {
                let member = |(key, inner): (&'s String, &'s Value)| {
                    let inner = match (key.as_str(), inner) {
                        ("$ref", Value::String(reference)) => Value::String(self.reference(reference)),
                        _ => self.of(inner),
                    };
                    (key.clone(), inner)
                };
                Value::Object(map.iter().map(member).collect::<Map<_, _>>())
            }
            Value::Array(items) => items.iter().map(|item| self.of(item)).collect(),
            other => other.clone(),
        }
    }

    /// Returns the reference by which the comparison finds the target.
    fn reference(&mut self, reference: &'s str) -> String {
        let name = reference.strip_prefix("#/$defs/").filter(|name| !name.starts_with('#'));
        let name = name.unwrap_or(reference);
        if !self.known.contains(name) {
            let Some(target) = self.target(reference) else {
                self.is_incomplete = true;
                return reference.to_owned();
            };
            self.known.insert(name.to_owned());
            self.open.push((name.to_owned(), target));
        }
        format!("#/$defs/{name}")
    }

    /// Returns the schema to which a local reference leads.
    fn target(&self, reference: &str) -> Option<&'s Value> {
        let pointer = jackfield_model::percent_decode(reference.strip_prefix('#')?)?;
        self.whole.pointer(std::str::from_utf8(&pointer).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_any_place_of_a_schema_are_resolved() {
        let schema = json!({
            "properties": {
                "a": { "$ref": "#/definitions/A" },
                "b": { "$ref": "#/properties/c/items" },
                "c": { "type": "array", "items": { "$ref": "#" } },
                "d": { "$ref": "#/$defs/D" },
            },
            "definitions": { "A": { "type": "string" } },
            "$defs": { "D": { "type": "integer" } },
        });
        let listed = ListedSchema::of(Some(&schema));
        assert!(!listed.is_incomplete);
        let names: Vec<&String> = listed.defs.keys().collect();
        assert_eq!(names, ["#", "#/definitions/A", "#/properties/c/items", "D"]);
        assert_eq!(listed.root["properties"]["a"]["$ref"], "#/$defs/#/definitions/A");
        assert_eq!(listed.defs["#/properties/c/items"].as_value(), &json!({ "$ref": "#/$defs/#" }));
    }

    #[test]
    fn references_without_a_target_are_reported_as_incomplete() {
        for reference in ["#/definitions/A", "#anchor", "https://example.com/a.json", "#/%ff"] {
            let listed = ListedSchema::of(Some(&json!({ "properties": { "a": { "$ref": reference } } })));
            assert!(listed.is_incomplete, "{reference}");
            assert_eq!(listed.root["properties"]["a"]["$ref"], reference);
        }
    }

    #[test]
    fn many_references_to_a_large_schema_are_copied_within_the_limit() {
        let properties =
            (0..3_000).map(|at| (format!("p{at}"), json!({ "$ref": format!("#/properties/p{}", at + 1) })));
        let mut schema = json!({ "properties": properties.collect::<Map<_, _>>() });
        schema["properties"]["p3000"] = json!({ "enum": (0..3_000).collect::<Vec<_>>() });
        for at in 0..3_000 {
            // `~00` and similar spellings make each reference different, although all of them lead to large schemas.
            schema["more"][format!("m{at}")] = json!({ "$ref": "#/properties", "n": at });
            schema["more"][format!("n{at}")] =
                json!({ "$ref": format!("#/more/m{at}"), "x": { "$ref": "#" } });
        }
        let listed = ListedSchema::of(Some(&schema));
        assert!(listed.defs.len() < 20_000, "{}", listed.defs.len());
    }
}
