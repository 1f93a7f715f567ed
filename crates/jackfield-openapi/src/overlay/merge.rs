//! Merges a value into another: mappings key by key, lists by appending.

use jackfield_model::Pointer;
use serde_json::Value;

use crate::kind::kind_of;

/// Two values that cannot be merged.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Clash {
    /// The keys that lead to the two values, innermost first.
    pub(super) path: Vec<String>,
    /// The type of the value in the document.
    pub(super) old: &'static str,
    /// The type of the value in the overlay.
    pub(super) new: &'static str,
}

impl Clash {
    fn of(old: &Value, new: &Value) -> Self {
        Self { path: Vec::new(), old: kind_of(old), new: kind_of(new) }
    }
}

/// Merges `update` into a selected value. A value that is not a list is appended to a selected list as one
/// item.
pub(super) fn update(target: &mut Value, update: &Value) -> Result<(), Clash> {
    match (target, update) {
        (Value::Array(items), one) if !one.is_array() => {
            items.push(one.clone());
            Ok(())
        }
        // A scalar inside a mapping may become a mapping, but a scalar that is selected itself may not.
        (single, many) if is_container(many) && !is_container(single) => Err(Clash::of(single, many)),
        (target, update) => merge(target, update),
    }
}

/// Replaces scalars, and merges mappings and lists. A mapping or a list never becomes a scalar: an empty key
/// in YAML is null, and would delete the whole mapping.
fn merge(old: &mut Value, new: &Value) -> Result<(), Clash> {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, new) in new {
                match old.get_mut(key) {
                    Some(old) => merge(old, new).map_err(|mut clash| {
                        clash.path.push(key.clone());
                        clash
                    })?,
                    None => {
                        old.insert(key.clone(), new.clone());
                    }
                }
            }
            Ok(())
        }
        (Value::Array(old), Value::Array(new)) => {
            old.extend(new.iter().cloned());
            Ok(())
        }
        (old, new) if is_container(old) => Err(Clash::of(old, new)),
        (old, new) => {
            *old = new.clone();
            Ok(())
        }
    }
}

/// Removes the value at a pointer, if it still exists.
pub(super) fn remove(root: &mut Value, at: &Pointer) {
    let Some((parent, _)) = at.as_str().rsplit_once('/') else { return };
    let Some(token) = at.tokens().last() else { return };
    match root.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.shift_remove(&token);
        }
        Some(Value::Array(items)) => {
            if let Some(index) = token.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

/// Returns the number of values in a value, including the value itself.
pub(super) fn nodes(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(nodes).sum::<usize>(),
        Value::Array(items) => 1 + items.iter().map(nodes).sum::<usize>(),
        _ => 1,
    }
}

/// Returns the depth of nested lists and mappings.
pub(super) fn depth(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

const fn is_container(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::Array(_))
}
