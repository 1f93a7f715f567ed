//! A schema together with the schemas to which it refers and the schemas that it combines with `allOf`.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::Defs;
use serde_json::Value;

use super::types::Types;

/// The keywords that contain texts and do not restrict values.
pub(super) const TEXTS: [&str; 9] = [
    "title",
    "description",
    "examples",
    "example",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$comment",
    "externalDocs",
];

/// The keywords for which the comparison has a rule.
pub(super) const KNOWN: [&str; 47] = [
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$id",
    "$ref",
    "$schema",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contentEncoding",
    "contentMediaType",
    "default",
    "definitions",
    "deprecated",
    "description",
    "enum",
    "example",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "items",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
];

/// Describes a keyword for which the comparison has no rule.
pub(super) fn known_word(keyword: &str) -> &'static str {
    match keyword {
        "not" => "excluded values",
        "contains" => "items that an array contains",
        "dependentRequired" | "dependentSchemas" | "dependencies" => "conditions between properties",
        "unevaluatedProperties" => "further properties",
        "unevaluatedItems" => "further items",
        "if" | "then" | "else" => "conditions",
        "discriminator" => "discriminator",
        "contentSchema" => "schema of the text",
        _ => "a keyword of the schema",
    }
}

/// A property of a schema.
#[derive(Clone, Copy, Debug)]
pub(super) struct Property<'s> {
    pub(super) name: &'s str,
    pub(super) schema: &'s Value,
    /// The shared schema that declares the property, if the schema itself does not declare it.
    pub(super) owner: Option<&'s str>,
}

/// A schema together with the schemas to which it refers and the schemas that it combines.
#[derive(Debug, Default)]
pub(super) struct View<'s> {
    /// The name of the shared schema, if the schema is a reference.
    pub(super) name: Option<&'s str>,
    /// The schema itself.
    pub(super) whole: Option<&'s Value>,
    keywords: BTreeMap<&'s str, &'s Value>,
    properties: Vec<Property<'s>>,
    indexes: BTreeMap<&'s str, usize>,
    required: BTreeSet<&'s str>,
    types: Types,
    /// Keywords that occur more than once with different values.
    conflicts: Vec<(&'s str, &'s Value)>,
    size: usize,
}

impl<'s> View<'s> {
    pub(super) fn of(schema: &'s Value, defs: &'s Defs) -> Self {
        let mut view = Self { whole: Some(schema), ..Self::default() };
        let mut seen = BTreeSet::new();
        // A stack is used instead of recursion. The first text takes precedence, so a schema is visited before the
        // schemas to which it refers.
        let mut waiting = vec![(schema, None)];
        while let Some((schema, owner)) = waiting.pop() {
            view.size += 1;
            let Value::Object(map) = schema else {
                if *schema == Value::Bool(false) {
                    view.conflicts.push(("not", schema));
                }
                continue;
            };
            for (keyword, value) in map {
                view.merge(keyword, value, owner);
            }
            for keyword in ["anyOf", "oneOf"] {
                waiting.extend(only_branch(map.get(keyword)).map(|one| (one, owner)));
            }
            if let Some(Value::Array(all)) = map.get("allOf") {
                waiting.extend(all.iter().rev().map(|one| (one, owner)));
            }
            let Some(target) = map.get("$ref") else { continue };
            let found =
                target.as_str().and_then(|target| defs.get_key_value(target.strip_prefix("#/$defs/")?));
            match found {
                Some((name, target)) => {
                    let is_whole = view.whole.is_some_and(|whole| std::ptr::eq(whole, schema));
                    if is_whole && map.keys().all(|key| key == "$ref" || TEXTS.contains(&key.as_str())) {
                        view.name = Some(name);
                    }
                    if seen.insert(name) {
                        waiting.push((target.as_value(), Some(name)));
                    }
                }
                None => view.conflicts.push(("$ref", target)),
            }
        }
        view
    }

    fn merge(&mut self, keyword: &'s str, value: &'s Value, owner: Option<&'s str>) {
        self.size += 1;
        match (keyword, value) {
            (
                "$ref" | "allOf" | "$defs" | "definitions" | "$id" | "$schema" | "$anchor" | "$dynamicAnchor",
                _,
            ) => {}
            // A single alternative always applies, like a member of `allOf`.
            ("anyOf" | "oneOf", value) if only_branch(Some(value)).is_some() => {}
            ("properties", Value::Object(properties)) => {
                self.size += properties.len();
                for (name, schema) in properties {
                    match self.indexes.get(name.as_str()) {
                        Some(at) => {
                            let known = &mut self.properties[*at];
                            if says_all_of(schema, known.schema) && !says_all_of(known.schema, schema) {
                                *known = Property { name, schema, owner };
                            } else if !says_all_of(known.schema, schema) {
                                self.conflicts.push(("properties", schema));
                            }
                        }
                        None => {
                            self.indexes.insert(name, self.properties.len());
                            self.properties.push(Property { name, schema, owner });
                        }
                    }
                }
            }
            ("required", Value::Array(names)) => {
                self.size += names.len();
                self.required.extend(names.iter().filter_map(Value::as_str));
            }
            ("type", value) => {
                // A value has to fit all combined schemas, so only the types that all of them allow remain.
                self.types = self.types.and(Types::of_keyword(Some(value)));
                self.keywords.entry(keyword).or_insert(value);
            }
            (keyword, value) => match self.keywords.get(keyword) {
                None => {
                    self.keywords.insert(keyword, value);
                }
                Some(known) if *known == value || TEXTS.contains(&keyword) || keyword == "default" => {}
                Some(_) => self.conflicts.push((keyword, value)),
            },
        }
    }

    /// Returns the number of keywords and properties.
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    pub(super) const fn types(&self) -> Types {
        self.types
    }

    pub(super) fn get(&self, keyword: &str) -> Option<&'s Value> {
        self.keywords.get(keyword).copied()
    }

    pub(super) fn keywords(&self) -> impl Iterator<Item = &'s str> + '_ {
        self.keywords.keys().copied()
    }

    pub(super) fn properties(&self) -> &[Property<'s>] {
        &self.properties
    }

    pub(super) fn property(&self, name: &str) -> Option<&'s Value> {
        self.indexes.get(name).map(|at| self.properties[*at].schema)
    }

    pub(super) const fn required(&self) -> &BTreeSet<&'s str> {
        &self.required
    }

    pub(super) fn conflicts(&self) -> &[(&'s str, &'s Value)] {
        &self.conflicts
    }

    /// Returns the alternatives of the schema under `keyword`, which is `anyOf` or `oneOf`.
    pub(super) fn branches(&self, keyword: &str) -> Option<&'s Vec<Value>> {
        self.get(keyword)?.as_array()
    }

    /// Whether the schema has alternatives.
    pub(super) fn has_branches(&self) -> bool {
        self.branches("anyOf").is_some() || self.branches("oneOf").is_some()
    }

    /// Whether the schema restricts only the types of values.
    pub(super) fn has_only_types(&self) -> bool {
        let says_nothing = |keyword: &&str| TEXTS.contains(keyword) || matches!(*keyword, "type" | "default");
        self.properties.is_empty()
            && self.required.is_empty()
            && self.conflicts.is_empty()
            && self.keywords.keys().all(says_nothing)
    }

    /// Whether the schema restricts values only by alternatives and types.
    pub(super) fn has_only_branches(&self) -> bool {
        let says_nothing = |(keyword, value): (&&str, &&Value)| {
            TEXTS.contains(keyword)
                || matches!(*keyword, "anyOf" | "oneOf" | "default" | "discriminator" | "type")
                || *keyword == "additionalProperties" && takes_all(value)
        };
        self.properties.is_empty()
            && self.required.is_empty()
            && self.conflicts.is_empty()
            && self.keywords.iter().all(says_nothing)
    }
}

/// Returns the alternative if the array has exactly one.
fn only_branch(list: Option<&Value>) -> Option<&Value> {
    let [one] = list?.as_array()?.as_slice() else { return None };
    Some(one)
}

/// Whether a schema accepts every value.
pub(super) fn takes_all(schema: &Value) -> bool {
    *schema == Value::Bool(true) || schema.as_object().is_some_and(serde_json::Map::is_empty)
}

/// Whether `schema` contains all restrictions of `other`, so that both combined accept the same values as `schema` alone.
fn says_all_of(schema: &Value, other: &Value) -> bool {
    let (Value::Object(map), Value::Object(others)) = (schema, other) else { return schema == other };
    let says = |(key, _): &(&String, &Value)| !TEXTS.contains(&key.as_str());
    let mut said = others.iter().filter(says);
    // The meaning of these keywords depends on the keywords beside them.
    let is_dependent =
        ["additionalProperties", "unevaluatedProperties", "items", "unevaluatedItems", "then", "else"]
            .iter()
            .any(|key| others.contains_key(*key));
    let is_whole = !is_dependent || others.iter().filter(says).count() == map.iter().filter(says).count();
    is_whole && said.all(|(key, value)| map.get(key) == Some(value))
}
