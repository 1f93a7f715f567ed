//! Computes the hash and the token count of every schema within a schema.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jackfield_model::{Slot, subschemas_mut, subschemas_of};
use serde_json::{Map, Value};

use super::price;

/// A schema within another schema.
pub(super) struct Weighed {
    pub(super) hash: u64,
    pub(super) price: usize,
    /// The number of following schemas that are within this one.
    below: usize,
}

/// Returns the schemas within a schema, in the order of `subschemas`. Each is followed by the schemas within it.
pub(super) fn within(schema: &Value) -> Vec<Weighed> {
    let mut all = Vec::new();
    if let Value::Object(map) = schema {
        weigh(map, &mut all);
    }
    all
}

/// Visits the schemas. If the visitor takes a schema, the schemas within it are skipped.
pub(super) fn outermost(all: &[Weighed], mut take: impl FnMut(&Weighed) -> bool) {
    let mut at = 0;
    while let Some(one) = all.get(at) {
        at += 1 + if take(one) { one.below } else { 0 };
    }
}

/// Visits the schemas to change them, each with the nearest property name.
pub(super) fn outermost_mut(
    schema: &mut Value,
    name: &str,
    all: &mut &[Weighed],
    take: &mut dyn FnMut(&Weighed, &str, &mut Value) -> bool,
) {
    let Value::Object(map) = schema else { return };
    subschemas_mut(map, |keyword, slot, child| {
        let Some((one, rest)) = all.split_first().filter(|_| child.is_object()) else { return };
        *all = rest;
        let name = match slot {
            Slot::Name(own) if keyword == "properties" => own,
            _ => name,
        };
        if take(one, name, child) {
            *all = rest.get(one.below..).unwrap_or_default();
        } else {
            outermost_mut(child, name, all, take);
        }
    });
}

/// Returns the hash and the token count of a schema, and records the schemas within it.
fn weigh(map: &Map<String, Value>, all: &mut Vec<Weighed>) -> (u64, usize) {
    let (mut hasher, mut price) = (DefaultHasher::new(), 0);
    for (key, value) in map {
        let mut cost = 0;
        key.hash(&mut hasher);
        let holds_schemas = subschemas_of(key, value, |slot, schema| match slot {
            Slot::Whole => cost += note(schema, &mut hasher, all),
            Slot::Index(_) => cost += note(schema, &mut hasher, all) + 1,
            Slot::Name(name) => {
                name.hash(&mut hasher);
                cost += price::entry(name, note(schema, &mut hasher, all));
            }
        });
        if !holds_schemas {
            value.hash(&mut hasher);
            cost = price::of(value);
        }
        price += price::entry(key, cost);
    }
    (hasher.finish(), price)
}

/// Records a schema before the schemas within it, and returns its token count.
fn note(schema: &Value, hasher: &mut DefaultHasher, all: &mut Vec<Weighed>) -> usize {
    let Value::Object(map) = schema else {
        schema.hash(hasher);
        return price::of(schema);
    };
    let at = all.len();
    all.push(Weighed { hash: 0, price: 0, below: 0 });
    let (hash, price) = weigh(map, all);
    hash.hash(hasher);
    all[at] = Weighed { hash, price, below: all.len() - at - 1 };
    price
}
