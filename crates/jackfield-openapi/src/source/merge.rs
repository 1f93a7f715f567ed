//! The merge key of YAML, `<<`.

use serde_json::{Map, Value};

/// The key under which a mapping names others to take entries from.
pub(super) const KEY: &str = "<<";

/// Whether `value` can be merged; whatever cannot is an ordinary value under an odd key.
pub(super) fn is_mergeable(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().all(Value::is_object),
        _ => false,
    }
}

/// Adds what `object` does not have; of several sources, the first that has a key gives its value.
///
/// Entries of a source were merged when the source was read, so this is one level deep.
pub(super) fn merge(object: &mut Map<String, Value>, sources: Vec<Value>) {
    for source in sources {
        match source {
            Value::Object(entries) => add(object, entries),
            Value::Array(items) => merge(object, items),
            _ => {}
        }
    }
}

fn add(object: &mut Map<String, Value>, entries: Map<String, Value>) {
    for (key, value) in entries {
        object.entry(key).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{is_mergeable, merge};

    #[test]
    fn explicit_keys_come_first_and_win() {
        let Value::Object(mut object) = json!({"b": 1}) else { unreachable!() };
        merge(&mut object, vec![json!([{"a": 2, "b": 2}, {"a": 3, "c": 3}])]);
        assert_eq!(Value::Object(object).to_string(), r#"{"b":1,"a":2,"c":3}"#);
    }

    #[test]
    fn only_mappings_can_be_merged() {
        assert!(is_mergeable(&json!([{}, {}])));
        assert!(!is_mergeable(&json!([{}, 1])));
        assert!(!is_mergeable(&json!("text")));
    }
}
