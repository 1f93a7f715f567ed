//! Shared schemas that cost more as a reference than in place.

use jackfield_model::{Connector, Schema};
use serde_json::{Map, Value};

use super::schema::{children, with_value};
use super::shared::Shared;
use super::{compact, cores, enumeration};

/// How deep a schema may become: readers of JSON stop at 128.
const DEEPEST: usize = 64;
/// What may stand beside a reference that is replaced.
const BESIDE: [&str; 5] = ["$ref", "description", "default", "deprecated", "examples"];

/// Puts shared schemas in place where the list gets shorter by it: within each other as all tools together pay for
/// them, then in the arguments of each tool.
pub(super) fn inline(connector: &mut Connector) {
    enumeration::narrow(connector);
    let mut shared = Shared::of(connector);
    let everywhere = shared.place_in_pool();
    let mut defs = std::mem::take(&mut connector.pool.send);
    for name in shared.leaves_first() {
        let Some(mut schema) = defs.remove(name) else { continue };
        let target = |name: &str| everywhere.contains(name).then(|| defs.get(name)).flatten();
        with_value(&mut schema, |value| _ = replace(value, &target, 0));
        defs.insert(name.to_owned(), schema);
    }
    cores::each(connector, |(), _, operation| {
        let here = shared.place_in_args(&operation.args, &defs);
        let target = |name: &str| here.contains(name).then(|| defs.get(name)).flatten();
        for arg in operation.args.iter_mut().filter(|_| !here.is_empty()) {
            with_value(&mut arg.schema, |value| _ = replace(value, &target, 0));
        }
    });
    connector.pool.send = defs;
}

/// Whether what a reference leads to may stand in its place: beside it there are but words, and what asks for as much
/// as the target does by the same word, or more.
pub(super) fn may_replace(map: &Map<String, Value>, target: &Schema) -> bool {
    let target = target.as_value();
    map.iter().all(|(key, value)| BESIDE.contains(&key.as_str()) || narrows(key, value, target.get(key)))
}

/// Whether a keyword may take the place of the target's own: nothing fits it that did not fit that one.
fn narrows(key: &str, own: &Value, theirs: Option<&Value>) -> bool {
    match (key, theirs) {
        ("type" | "minLength" | "minItems" | "minProperties", None) => true,
        ("type", Some(kind)) => own == kind || kind.as_array().is_some_and(|kinds| kinds.contains(own)),
        ("minLength" | "minItems" | "minProperties", Some(least)) => {
            own.as_u64() >= least.as_u64() && least.is_u64()
        }
        _ => false,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or_default(),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Replaces references by what they lead to; says whether there were any.
fn replace<'d>(schema: &mut Value, target: &dyn Fn(&str) -> Option<&'d Schema>, level: usize) -> bool {
    let Value::Object(map) = schema else { return false };
    let name = map.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/$defs/"));
    let mut replaced = false;
    if let Some(found) = name.and_then(target)
        && may_replace(map, found)
        && level + depth(found.as_value()) <= DEEPEST
        && let Value::Object(mut inlined) = found.as_value().clone()
    {
        map.shift_remove("$ref");
        inlined.extend(std::mem::take(map));
        *map = inlined;
        replaced = true;
    }
    let mut below = false;
    children(map, |_, child| below |= replace(child, target, level + 2));
    if below {
        // A choice between nothing and a reference is now one of two types.
        compact::compact(map);
    }
    replaced || below
}
