//! One entry of a list: the definition of a tool, a prompt or a resource.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Map, Value};

/// The maximum depth of a definition that is compared. JSON texts that deep are refused by parsers.
pub(super) const DEEPEST: usize = 200;

/// The definition of a tool, a prompt or a resource.
pub(super) type Definition = Map<String, Value>;

/// Returns the text of a member. A value that should be a string but is not is returned as JSON.
pub(super) fn text<'d>(definition: &'d Definition, member: &str) -> Cow<'d, str> {
    match definition.get(member) {
        None | Some(Value::Null) => Cow::Borrowed(""),
        Some(Value::String(text)) => Cow::Borrowed(text),
        Some(other) => Cow::Owned(other.to_string()),
    }
}

/// Returns the first entry for each value of `key`, and the number of entries that are left out.
pub(super) fn distinct<'l>(list: &'l [Definition], key: &str) -> (Vec<(&'l str, &'l Definition)>, usize) {
    let mut seen = HashSet::new();
    let named = list.iter().filter_map(|entry| Some((entry.get(key)?.as_str()?, entry)));
    let kept: Vec<_> = named.filter(|(name, _)| seen.insert(*name)).collect();
    let left_out = list.len() - kept.len();
    (kept, left_out)
}

/// Returns whether a definition is nested too deeply to be compared.
pub(super) fn is_too_deep(definition: &Definition) -> bool {
    let mut open: Vec<(&Value, usize)> = definition.values().map(|value| (value, 1)).collect();
    while let Some((value, depth)) = open.pop() {
        if depth > DEEPEST {
            return true;
        }
        match value {
            Value::Object(map) => open.extend(map.values().map(|value| (value, depth + 1))),
            Value::Array(items) => open.extend(items.iter().map(|value| (value, depth + 1))),
            _ => {}
        }
    }
    false
}
