//! Compares JSON values as JSON Schema defines equality: numbers by value, objects in any order.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};

use serde_json::Value;

use super::budget::{Budget, Exhausted};
use super::number;

pub(super) fn equal(a: &Value, b: &Value, budget: &mut Budget) -> Result<bool, Exhausted> {
    budget.spend(1)?;
    Ok(match (a, b) {
        (Value::Number(a), Value::Number(b)) => number::compare(a, b) == Ordering::Equal,
        (Value::String(a), Value::String(b)) => {
            budget.spend(if a.len() == b.len() { a.len() / 64 } else { 0 })?;
            a == b
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (a, b) in a.iter().zip(b) {
                if !equal(a, b, budget)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            for (name, a) in a {
                let Some(b) = b.get(name) else { return Ok(false) };
                if !equal(a, b, budget)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Array(_) | Value::Object(_), _) => false,
        (a, b) => a == b,
    })
}

/// Returns the indices of the first two equal items. It takes linear time, because only items with equal hashes are
/// compared.
pub(super) fn first_duplicate(
    items: &[Value],
    budget: &mut Budget,
) -> Result<Option<(usize, usize)>, Exhausted> {
    let keys = RandomState::new();
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, item) in items.iter().enumerate() {
        let same = seen.entry(digest(item, &keys, budget)?).or_default();
        for &before in same.iter() {
            if equal(&items[before], item, budget)? {
                return Ok(Some((before, at)));
            }
        }
        same.push(at);
    }
    Ok(None)
}

/// Returns a hash that is the same for equal values.
fn digest(value: &Value, keys: &RandomState, budget: &mut Budget) -> Result<u64, Exhausted> {
    budget.spend(1)?;
    let mut state = keys.build_hasher();
    match value {
        Value::Null => 0_u8.hash(&mut state),
        Value::Bool(it) => (1_u8, it).hash(&mut state),
        Value::Number(it) => match number::whole(it) {
            Some(whole) => (2_u8, whole).hash(&mut state),
            None => (3_u8, it.as_f64().unwrap_or_default().to_bits()).hash(&mut state),
        },
        Value::String(text) => {
            budget.spend(text.len() / 64)?;
            (4_u8, text).hash(&mut state);
        }
        Value::Array(items) => {
            (5_u8, items.len()).hash(&mut state);
            for item in items {
                digest(item, keys, budget)?.hash(&mut state);
            }
        }
        Value::Object(map) => {
            let mut sum = 0_u64;
            for (name, value) in map {
                let value = digest(value, keys, budget)?;
                sum = sum.wrapping_add(keys.hash_one((name, value)));
            }
            (6_u8, sum).hash(&mut state);
        }
    }
    Ok(state.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn duplicate_items_are_found_in_linear_steps() {
        let items: Vec<Value> = (0..10_000).map(|at| json!({ "a": at, "b": [at, null] })).collect();
        let mut budget = Budget::of(1_000_000);
        assert_eq!(first_duplicate(&items, &mut budget), Ok(None));
        assert!(1_000_000 - budget.left() <= 6 * items.len(), "{}", budget.left());
        let items = [json!({ "a": 1, "b": 2 }), json!(1), json!({ "b": 2.0, "a": 1.0 })];
        assert_eq!(first_duplicate(&items, &mut budget), Ok(Some((0, 2))));
        let items = [json!(1), json!(true), json!("1"), json!([1]), json!(0), json!(false), json!(1.5)];
        assert_eq!(first_duplicate(&items, &mut budget), Ok(None));
    }
}
