//! Whether two schemas are equal, with everything to which they refer.

use std::collections::BTreeSet;

use jackfield_model::{Defs, subschemas, subschemas_of};
use serde_json::Value;

use super::{SchemaComparer, addresses};

/// The names of shared schemas that are equal in both connectors, and refer only to such schemas.
pub(super) fn equal_names<'s>(old: &'s Defs, new: &'s Defs) -> BTreeSet<&'s str> {
    let mut users: std::collections::BTreeMap<&str, Vec<&'s str>> = std::collections::BTreeMap::new();
    let mut equal = BTreeSet::new();
    let mut changed: Vec<&str> = Vec::new();
    for (name, schema) in old {
        for used in schema.refs() {
            users.entry(used).or_default().push(name);
        }
        // A name without a schema is equal in both, because references to it lead nowhere.
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

impl<'s> SchemaComparer<'s> {
    /// Whether two schemas are equal, with everything to which they refer. Many tools share schemas, so each pair is compared once.
    pub(super) fn is_same(&self, old: &'s Value, new: &'s Value) -> bool {
        let addresses = addresses(old, new);
        if let Some(known) = self.known.borrow().get(&addresses) {
            return *known;
        }
        let is_same = old == new && self.refers_to_equal_schemas(old);
        self.known.borrow_mut().insert(addresses, is_same);
        is_same
    }

    /// Whether the values of a keyword are equal, with everything to which they refer.
    pub(super) fn is_same_keyword(&self, keyword: &str, old: &'s Value, new: &'s Value) -> bool {
        let mut all_equal = true;
        subschemas_of(keyword, old, |_, schema| {
            all_equal = all_equal && self.refers_to_equal_schemas(schema);
        });
        old == new && all_equal
    }

    fn refers_to_equal_schemas(&self, schema: &Value) -> bool {
        let Value::Object(map) = schema else { return true };
        if let Some(Value::String(target)) = map.get("$ref")
            && let Some(name) = target.strip_prefix("#/$defs/")
            && !self.equal.contains(name)
            && (self.old.contains_key(name) || self.new.contains_key(name))
        {
            return false;
        }
        let mut all_equal = true;
        subschemas(map, |_, _, schema| {
            all_equal = all_equal && self.refers_to_equal_schemas(schema);
        });
        all_equal
    }
}
