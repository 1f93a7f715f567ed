//! Inlines shared schemas that take more tokens as references.

use jackfield_model::{Connector, Schema, subschemas_mut};
use serde_json::Value;

use super::reference::may_replace;
use super::shared::Shared;
use super::{compact, enumeration};
use crate::cores;

/// The maximum depth of a schema, because JSON parsers stop at 128.
const DEEPEST: usize = 64;

/// Inlines shared schemas where that shortens the tool list. First, schemas are inlined in other shared schemas if this saves tokens over
/// all tools. Then schemas are inlined in the arguments of each tool.
pub(super) fn inline(connector: &mut Connector) {
    enumeration::narrow(connector);
    let mut shared = Shared::of(connector);
    let everywhere = shared.place_in_pool();
    let mut defs = std::mem::take(&mut connector.pool.send);
    for name in shared.leaves_first() {
        let Some(mut schema) = defs.remove(name) else { continue };
        let target = |name: &str| everywhere.contains(name).then(|| defs.get(name)).flatten();
        schema.edit(|value| _ = replace(value, &target, 0));
        defs.insert(name.to_owned(), schema);
    }
    cores::each(connector, |(), _, operation| {
        let here = shared.place_in_args(&operation.args, &defs);
        let target = |name: &str| here.contains(name).then(|| defs.get(name)).flatten();
        for arg in operation.args.iter_mut().filter(|_| !here.is_empty()) {
            arg.schema.edit(|value| _ = replace(value, &target, 0));
        }
    });
    connector.pool.send = defs;
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or_default(),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Replaces references by their targets. Returns whether it replaced any.
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
    subschemas_mut(map, |_, _, child| below |= replace(child, target, level + 2));
    if below {
        // After inlining, a choice between null and a reference may become a list of two types.
        compact::compact(map);
    }
    replaced || below
}
