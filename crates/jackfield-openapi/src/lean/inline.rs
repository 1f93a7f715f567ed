//! Shared schemas that cost more as a reference than in place.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Arg, Connector, Defs, Schema};
use serde_json::{Map, Value};

use super::cores;
use super::schema::{children, with_value};

/// A schema up to this many bytes costs no more than a reference to it.
const TINY: usize = 64;
/// A schema up to this many bytes stands in the one place of a tool that needs it. Beyond, the saving is lost in it,
/// and what tools share is to be stored once.
const SMALL: usize = 2048;
/// How deep a schema may become: readers of JSON stop at 128.
const DEEPEST: usize = 64;
/// What may stand beside a reference that is replaced.
const BESIDE: [&str; 5] = ["$ref", "description", "default", "deprecated", "examples"];

/// Puts shared schemas in place: tiny ones everywhere, small ones where they are the only one of their tool. Each
/// reference is replaced at most once for each tool, so nothing can grow beyond what the list would hold anyway.
pub(super) fn inline(connector: &mut Connector) {
    let mut defs = std::mem::take(&mut connector.pool.send);
    let enumerations: BTreeMap<String, Vec<Value>> = defs
        .iter()
        .filter_map(|(name, schema)| Some((name.clone(), enumeration(schema.as_value())?)))
        .collect();
    let lists = |name: &str, values: &[Value]| {
        enumerations.get(name).is_some_and(|known| values.iter().all(|value| known.contains(value)))
    };
    for schema in defs.values_mut() {
        with_value(schema, |value| narrow(value, &lists));
    }
    let tiny: Defs = defs
        .iter()
        .filter(|(_, schema)| schema.refs().is_empty() && size(schema) <= TINY)
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    if !tiny.is_empty() {
        for schema in defs.values_mut() {
            with_value(schema, |value| replace(value, &|name| tiny.get(name), 0));
        }
    }
    let reach: BTreeMap<&str, Vec<&str>> =
        defs.iter().map(|(name, schema)| (name.as_str(), schema.refs())).collect();
    let small: BTreeSet<&str> =
        defs.iter().filter(|(_, schema)| size(schema) <= SMALL).map(|(name, _)| name.as_str()).collect();
    cores::each(connector, |(), operation| {
        for arg in &mut operation.args {
            with_value(&mut arg.schema, |value| narrow(value, &lists));
        }
        if operation.args.iter().all(|arg| arg.schema.refs().is_empty()) {
            return;
        }
        let once = once(&operation.args, &reach);
        let target = |name: &str| {
            let only = || (small.contains(name) && once.contains(name)).then(|| defs.get(name)).flatten();
            tiny.get(name).or_else(only)
        };
        for arg in &mut operation.args {
            with_value(&mut arg.schema, |value| replace(value, &target, 0));
        }
    });
    drop(reach);
    connector.pool.send = defs;
}

/// The values of a schema that accepts these and nothing else.
fn enumeration(schema: &Value) -> Option<Vec<Value>> {
    let map = schema.as_object()?;
    let values = map.get("enum")?.as_array()?;
    let kind = |value: &Value| match map.get("type").and_then(Value::as_str) {
        None => true,
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        _ => false,
    };
    // `format` asserts nothing by itself, and never of a value that its owner lists.
    let plain = |key: &String| {
        ["type", "enum", "format", "description", "default", "deprecated"].contains(&key.as_str())
    };
    (map.keys().all(plain) && values.iter().all(kind)).then(|| values.clone())
}

/// Takes out a reference to an enumeration that lists what stands beside it anyway.
fn narrow(schema: &mut Value, lists: &dyn Fn(&str, &[Value]) -> bool) {
    let Value::Object(map) = schema else { return };
    children(map, |_, child| narrow(child, lists));
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

/// The pool names that a tool refers to exactly once, itself and through others. None of them leads back to itself:
/// what does is referred to from outside and from inside.
fn once(args: &[Arg], reach: &BTreeMap<&str, Vec<&str>>) -> BTreeSet<String> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    let mut frontier: Vec<&str> = args.iter().flat_map(|arg| arg.schema.refs()).collect();
    while let Some(name) = frontier.pop() {
        let count = times.entry(name).or_default();
        *count += 1;
        if *count == 1 {
            frontier.extend(reach.get(name).into_iter().flatten());
        }
    }
    times.into_iter().filter(|(_, times)| *times == 1).map(|(name, _)| name.to_owned()).collect()
}

fn size(schema: &Schema) -> usize {
    schema.as_value().to_string().len()
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or_default(),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Replaces references by what they lead to, where what stands beside one only describes.
fn replace<'d>(schema: &mut Value, target: &dyn Fn(&str) -> Option<&'d Schema>, level: usize) {
    let Value::Object(map) = schema else { return };
    let name = map.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/$defs/"));
    if let Some(found) = name.and_then(target)
        && map.keys().all(|key| BESIDE.contains(&key.as_str()))
        && level + depth(found.as_value()) <= DEEPEST
        && let Value::Object(mut inlined) = found.as_value().clone()
    {
        map.shift_remove("$ref");
        inlined.extend(std::mem::take(map));
        *map = inlined;
    }
    children(map, |_, child| replace(child, target, level + 2));
}
