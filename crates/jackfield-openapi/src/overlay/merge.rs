//! What becomes of two values: mappings are joined key by key, lists one behind the other.

use jackfield_model::Pointer;
use serde_json::Value;

use crate::document::kind_of;

/// Two values that cannot become one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Clash {
    /// The keys that lead to them, the innermost first.
    pub(super) path: Vec<String>,
    /// What the document has there.
    pub(super) there: &'static str,
    /// What the overlay has.
    pub(super) here: &'static str,
}

impl Clash {
    fn of(there: &Value, here: &Value) -> Self {
        Self { path: Vec::new(), there: kind_of(there), here: kind_of(here) }
    }
}

/// Brings a value that an expression selected up to date. A list takes what is no list as one more item.
pub(super) fn update(target: &mut Value, update: &Value) -> Result<(), Clash> {
    match (target, update) {
        (Value::Array(items), one) if !one.is_array() => {
            items.push(one.clone());
            Ok(())
        }
        // A key that holds a single value may get a mapping instead; an expression that leads to one means it.
        (single, many) if is_container(many) && !is_container(single) => Err(Clash::of(single, many)),
        (target, update) => join(target, update),
    }
}

/// What is not a mapping or a list gives way to whatever comes. Mappings and lists stay what they are: an empty key
/// in an overlay's YAML is null, and must not cost the whole mapping that stands there.
fn join(old: &mut Value, new: &Value) -> Result<(), Clash> {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, new) in new {
                match old.get_mut(key) {
                    Some(old) => join(old, new).map_err(|mut clash| {
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

/// Takes a value out of what holds it, where it still is.
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

/// How many values there are, itself among them.
pub(super) fn nodes(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(nodes).sum::<usize>(),
        Value::Array(items) => 1 + items.iter().map(nodes).sum::<usize>(),
        _ => 1,
    }
}

/// How many lists and mappings lie within each other.
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
