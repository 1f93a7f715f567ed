//! Walks over a schema before its first use, to find anchors, references and malformed keywords.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// The anchors and the malformed keywords of a schema.
#[derive(Default)]
pub(super) struct Found {
    pub(super) anchors: HashMap<String, String>,
    pub(super) references: Vec<String>,
    pub(super) looks_twice: bool,
    pub(super) fault: Option<String>,
}

/// Visits every schema within a schema. Data such as `enum` does not contain schemas.
pub(super) fn inspect(root: &Value) -> Found {
    let mut found = Found::default();
    let mut waiting = vec![(root, String::new())];
    while let Some((schema, place)) = waiting.pop() {
        let map = match schema {
            Value::Object(map) => map,
            Value::Bool(_) => continue,
            _ => {
                found.fault.get_or_insert_with(|| format!("{place}: the value is not a schema"));
                continue;
            }
        };
        for (key, operand) in map {
            let here = || format!("{place}/{}", escaped(key));
            if is_malformed(key, operand) {
                found
                    .fault
                    .get_or_insert_with(|| format!("{}: the operand of the keyword is malformed", here()));
                continue;
            }
            match (key.as_str(), operand) {
                ("$anchor", Value::String(name)) => {
                    found.anchors.insert(name.clone(), place.clone());
                }
                ("$ref", Value::String(target)) => found.references.push(target.clone()),
                ("unevaluatedProperties" | "unevaluatedItems", _) => found.looks_twice = true,
                _ => {}
            }
            match kind(key) {
                OperandKind::Schema => waiting.push((operand, here())),
                OperandKind::Schemas => waiting.extend(each_item(operand, &here())),
                OperandKind::NamedSchemas => waiting.extend(each_entry(operand, &here())),
                OperandKind::Other => {}
            }
        }
    }
    found
}

enum OperandKind {
    Schema,
    Schemas,
    NamedSchemas,
    Other,
}

fn kind(key: &str) -> OperandKind {
    match key {
        "additionalProperties"
        | "propertyNames"
        | "items"
        | "contains"
        | "not"
        | "if"
        | "then"
        | "else"
        | "unevaluatedProperties"
        | "unevaluatedItems" => OperandKind::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => OperandKind::Schemas,
        "properties" | "patternProperties" | "dependentSchemas" | "$defs" => OperandKind::NamedSchemas,
        _ => OperandKind::Other,
    }
}

fn each_item<'a>(operand: &'a Value, place: &str) -> Vec<(&'a Value, String)> {
    let items = operand.as_array().into_iter().flatten().enumerate();
    items.map(|(at, schema)| (schema, format!("{place}/{at}"))).collect()
}

fn each_entry<'a>(operand: &'a Value, place: &str) -> Vec<(&'a Value, String)> {
    let entries = operand.as_object().into_iter().flatten();
    entries.map(|(name, schema)| (schema, format!("{place}/{}", escaped(name)))).collect()
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn is_malformed(key: &str, operand: &Value) -> bool {
    let names = |value: &Value| value.as_array().is_some_and(|names| names.iter().all(Value::is_string));
    let is_type = |value: &Value| value.as_str().is_some_and(is_type_name);
    let is_right = match key {
        "type" => match operand {
            Value::Array(types) => types.iter().all(is_type),
            one => is_type(one),
        },
        "enum" => operand.is_array(),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => operand.is_number(),
        "multipleOf" => operand.as_f64().is_some_and(|number| number > 0.0),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minContains" | "maxContains"
        | "minProperties" | "maxProperties" => count(operand).is_some(),
        "pattern" | "$ref" | "$anchor" => operand.is_string(),
        "uniqueItems" => operand.is_boolean(),
        "required" => names(operand),
        "dependentRequired" => operand.as_object().is_some_and(|map: &Map<_, _>| map.values().all(names)),
        _ => match kind(key) {
            OperandKind::Schema | OperandKind::Other => true,
            OperandKind::Schemas => operand.is_array(),
            OperandKind::NamedSchemas => operand.is_object(),
        },
    };
    !is_right
}

/// Returns the operand of a limit such as `minLength`. `2.0` counts as 2.
pub(super) fn count(operand: &Value) -> Option<u64> {
    match operand {
        Value::Number(number) => super::number::whole(number).and_then(|count| u64::try_from(count).ok()),
        _ => None,
    }
}

pub(super) fn is_type_name(name: &str) -> bool {
    matches!(name, "null" | "boolean" | "integer" | "number" | "string" | "array" | "object")
}
