//! Removes references to enumerations if a narrower `enum` stands beside the reference.

use std::collections::{BTreeMap, HashSet};

use jackfield_model::{Connector, subschemas_mut};
use serde_json::{Map, Value};

use crate::cores;

/// Removes every reference that excludes no value that its `enum` allows.
pub(super) fn narrow(connector: &mut Connector) {
    let pool = &mut connector.pool.send;
    let known: BTreeMap<String, HashSet<Value>> = pool
        .iter()
        .filter_map(|(name, schema)| Some((name.clone(), values_of(schema.as_value())?)))
        .collect();
    let lists = |name: &str, values: &[Value]| {
        known.get(name).is_some_and(|known| values.iter().all(|value| known.contains(value)))
    };
    for schema in pool.values_mut() {
        schema.edit(|value| walk(value, &lists));
    }
    cores::each(connector, |(), _, operation| {
        for arg in &mut operation.args {
            arg.schema.edit(|value| walk(value, &lists));
        }
    });
}

/// Returns the values of a schema that accepts exactly these values.
fn values_of(schema: &Value) -> Option<HashSet<Value>> {
    let map = schema.as_object()?;
    let values = map.get("enum")?.as_array()?;
    let kind = |value: &Value| match map.get("type").and_then(Value::as_str) {
        None => true,
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        _ => false,
    };
    // `format` asserts nothing, and the listed values have that format anyway.
    let plain = |key: &String| {
        ["type", "enum", "format", "description", "default", "deprecated"].contains(&key.as_str())
    };
    (map.keys().all(plain) && values.iter().all(kind)).then(|| values.iter().cloned().collect())
}

fn walk(schema: &mut Value, lists: &dyn Fn(&str, &[Value]) -> bool) {
    let Value::Object(map) = schema else { return };
    subschemas_mut(map, |_, _, child| walk(child, lists));
    let needless = |map: &Map<String, Value>| -> Option<bool> {
        let values = map.get("enum")?.as_array()?;
        let [part] = map.get("allOf")?.as_array()?.as_slice() else { return None };
        let part = part.as_object().filter(|part| part.len() == 1)?;
        Some(lists(part.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?, values))
    };
    if needless(map) == Some(true) {
        map.shift_remove("allOf");
    }
}
