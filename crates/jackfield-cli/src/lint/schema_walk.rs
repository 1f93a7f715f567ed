//! Visits the subschemas of an input schema, and counts the objects around each subschema.

use serde_json::{Map, Value};

/// The maximum number of subschemas that are visited.
const MOST: usize = 100_000;

/// Keywords whose value is one schema.
const ONE: [&str; 12] = [
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "additionalItems",
    "contentSchema",
];
const MANY: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
const NAMED: [&str; 5] = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/// A subschema.
pub(super) struct Part<'s> {
    pub(super) schema: &'s Value,
    /// The names of the properties that lead to the subschema, joined by dots.
    pub(super) path: String,
    /// The number of objects around the subschema.
    pub(super) depth: usize,
    /// The name of the argument that contains the subschema. Empty for the root and for shared schemas.
    pub(super) argument: String,
}

impl Part<'_> {
    /// Returns where the subschema is, for messages.
    pub(super) fn place(&self) -> String {
        if self.path.is_empty() { "the arguments".to_owned() } else { format!("`{}`", self.path) }
    }
}

/// Returns the problems of all subschemas: the keywords that are in `unsupported`, and the problems that `check` finds.
pub(super) fn problems<'s>(
    schema: &'s Value,
    unsupported: &[&str],
    mut check: impl FnMut(&Part<'s>, &'s Map<String, Value>, &mut Vec<String>),
) -> Vec<String> {
    let mut problems = Vec::new();
    each(schema, |part| {
        let Some(map) = part.schema.as_object() else { return };
        let found = unsupported.iter().filter(|keyword| map.contains_key(**keyword));
        problems.extend(found.map(|keyword| format!("{} has `{keyword}`", part.place())));
        check(part, map, &mut problems);
    });
    problems
}

/// Visits every subschema of a schema, without following references.
pub(super) fn each<'s>(schema: &'s Value, mut visit: impl FnMut(&Part<'s>)) {
    let mut open = vec![Part { schema, path: String::new(), depth: 0, argument: String::new() }];
    let mut left = MOST;
    while let Some(part) = open.pop() {
        if left == 0 {
            return;
        }
        left -= 1;
        visit(&part);
        let Some(map) = part.schema.as_object() else { continue };
        let child = |schema: &'s Value, name: &str, is_property: bool| Part {
            schema,
            path: match (part.path.as_str(), name) {
                (path, "") => path.to_owned(),
                ("", name) => name.to_owned(),
                (path, name) => format!("{path}.{name}"),
            },
            depth: part.depth + usize::from(is_property),
            argument: match part.depth {
                0 if is_property && part.path.is_empty() => name.to_owned(),
                _ => part.argument.clone(),
            },
        };
        for (keyword, value) in map {
            let keyword = keyword.as_str();
            if ONE.contains(&keyword) {
                open.push(child(value, "", false));
            } else if MANY.contains(&keyword) {
                let items = value.as_array().into_iter().flatten();
                open.extend(items.map(|item| child(item, "", false)));
            } else if NAMED.contains(&keyword) {
                let is_property = keyword == "properties";
                let entries = value.as_object().into_iter().flatten();
                open.extend(entries.map(|(name, item)| child(item, name, is_property)));
            }
        }
    }
}
