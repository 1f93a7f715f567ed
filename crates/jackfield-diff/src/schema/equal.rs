//! The shared schemas that are equal in both connectors.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::Defs;

/// Returns the names of shared schemas that are equal in both connectors, and refer only to schemas that are also equal.
pub(super) fn equal_names<'s>(old: &'s Defs, new: &'s Defs) -> BTreeSet<&'s str> {
    let mut users: BTreeMap<&str, Vec<&'s str>> = BTreeMap::new();
    let mut equal = BTreeSet::new();
    let mut changed: Vec<&str> = Vec::new();
    for (name, schema) in old {
        for used in schema.refs() {
            users.entry(used).or_default().push(name);
        }
        // A name that neither connector defines is equal in both, because references to it do not resolve.
        if new.get(name) == Some(schema) {
            equal.insert(name.as_str());
        } else {
            changed.push(name);
        }
    }
    let only_new = new.keys().filter(|name| !old.contains_key(*name)).map(String::as_str);
    changed.extend(only_new);
    while let Some(name) = changed.pop() {
        for user in users.get(name).into_iter().flatten() {
            if equal.remove(user) {
                changed.push(user);
            }
        }
    }
    equal
}
