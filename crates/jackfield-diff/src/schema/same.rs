//! Tests whether two schemas and everything to which they refer are equal.

use jackfield_model::{subschemas, subschemas_of};
use serde_json::Value;

use super::walk::{SchemaComparer, addresses};

impl<'s> SchemaComparer<'s> {
    /// Whether two schemas and everything to which they refer are equal. Many tools share schemas, so each pair is compared only once.
    pub(super) fn is_same(&self, old: &'s Value, new: &'s Value) -> bool {
        let addresses = addresses(old, new);
        if let Some(known) = self.known.borrow().get(&addresses) {
            return *known;
        }
        let is_same = old == new && self.refers_to_equal_schemas(old);
        self.known.borrow_mut().insert(addresses, is_same);
        is_same
    }

    /// Whether the values of a keyword and everything to which they refer are equal.
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
