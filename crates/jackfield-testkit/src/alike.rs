//! Checks that the full and the lean wording of a connector accept the same arguments.

use std::collections::BTreeMap;

use jackfield_model::{Arg, Connector, Defs, Operation, Schema};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::sample::{Fill, arguments, fits};

/// The maximum number of values of a sample that are mutated. Outer values are mutated first.
const PLACES: usize = 24;
/// The maximum number of disagreements that are reported for a tool.
const TOLD: usize = 3;

/// Returns the arguments that only one of the two wordings accepts, and the arguments that only one of the wordings describes.
///
/// The arguments are sampled from both wordings. Then each value in turn is mutated: it is removed, replaced, given another type, or
/// given an unknown property.
pub fn disagreements(full: &Connector, lean: &Connector) -> Vec<String> {
    let pairs = full.operations().zip(lean.operations());
    let mut found: Vec<String> = pairs
        .flat_map(|(one, other)| {
            let sides = [Side::of(one, &full.pool.send), Side::of(other, &lean.pool.send)];
            let told = undescribed(one, other).into_iter().chain(judged(&sides));
            told.map(|what| format!("{} {what}", one.route())).collect::<Vec<_>>()
        })
        .collect();
    let [before, after] = [full, lean].map(|connector| connector.operations().count());
    if before != after {
        found.push(format!("there are {before} operations in full and {after} in lean wording"));
    }
    found
}

/// Returns the shared schemas that the arguments of an operation refer to, directly or indirectly.
pub fn reached(operation: &Operation, defs: &Defs) -> Map<String, Value> {
    let mut found: BTreeMap<&str, &Schema> = BTreeMap::new();
    let mut waiting: Vec<&str> = operation.args.iter().flat_map(|arg| arg.schema.refs()).collect();
    while let Some(name) = waiting.pop() {
        if let Some(schema) = defs.get(name).filter(|_| !found.contains_key(name)) {
            found.insert(name, schema);
            waiting.extend(schema.refs());
        }
    }
    found.into_iter().map(|(name, schema)| (name.to_owned(), schema.as_value().clone())).collect()
}

/// A tool in one of the two wordings.
struct Side<'m> {
    operation: &'m Operation,
    defs: &'m Defs,
    schema: Value,
    /// The validator of the input schema. `None` if Rust cannot parse a pattern in the schema.
    validator: Option<Validator>,
}

impl<'m> Side<'m> {
    fn of(operation: &'m Operation, defs: &'m Defs) -> Self {
        let properties: Map<String, Value> = operation
            .args
            .iter()
            .map(|arg| (arg.name.as_str().to_owned(), arg.schema.as_value().clone()))
            .collect();
        let required = operation.args.iter().filter(|arg| arg.required);
        let schema = json!({
            "type": "object",
            "properties": properties,
            "required": required.map(|arg| arg.name.as_str()).collect::<Vec<_>>(),
            "additionalProperties": false,
            "$defs": reached(operation, defs),
        });
        let validator = jsonschema::draft202012::new(&schema).ok();
        Self { operation, defs, schema, validator }
    }

    fn sample(&self, fill: Fill) -> Value {
        arguments(self.operation, self.defs, fill).into()
    }
}

/// Returns arguments that one wording accepts and the other does not.
fn judged(sides: &[Side<'_>; 2]) -> Vec<String> {
    let [one, other] = sides;
    let mut found = Vec::new();
    let mut hold = |arguments: &Value| {
        let [full, lean] = match (&one.validator, &other.validator) {
            (Some(one), Some(other)) => [one, other].map(|side| side.is_valid(arguments)),
            _ => [one, other].map(|side| fits(arguments, &side.schema, side.defs)),
        };
        if full != lean && found.len() < TOLD {
            let wording = if full { "full" } else { "lean" };
            found.push(format!("fits only in {wording} wording: {arguments}"));
        }
    };
    for side in sides {
        hold(&side.sample(Fill::Minimal));
        let mut full = side.sample(Fill::Full);
        hold(&full);
        for place in places(&full) {
            break_at(&mut full, &place, &mut hold);
        }
    }
    found
}

/// Returns the JSON pointers to all values within a value. Outer values come first.
fn places(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut at = 0;
    while let Some(place) = found.get(at).cloned() {
        match value.pointer(&place) {
            Some(Value::Object(map)) => found.extend(
                map.keys().map(|key| format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"))),
            ),
            Some(Value::Array(items)) => found.extend((0..items.len()).map(|item| format!("{place}/{item}"))),
            _ => {}
        }
        at += 1;
        if found.len() > PLACES {
            found.truncate(PLACES);
        }
    }
    found
}

/// Mutates the value at a pointer in every way, calls `show` with each result, and restores the value.
fn break_at(whole: &mut Value, place: &str, show: &mut impl FnMut(&Value)) {
    let Some(held) = whole.pointer(place).cloned() else { return };
    let mut others: Vec<Value> = Vec::new();
    match &held {
        Value::Object(map) => {
            let mut more = map.clone();
            more.insert("an undeclared property".to_owned(), 1.into());
            others.push(more.into());
            for key in map.keys() {
                let mut less = map.clone();
                less.shift_remove(key);
                others.push(less.into());
            }
        }
        Value::Array(items) => others.push(items.iter().chain(items).cloned().collect::<Vec<_>>().into()),
        Value::String(text) => others.push(format!("{text}\u{2042}").into()),
        Value::Number(number) => others.push(number.as_f64().map_or(Value::Null, |it| (it + 1.0).into())),
        Value::Bool(_) | Value::Null => {}
    }
    if !place.is_empty() {
        let types =
            [json!(null), json!(true), json!(""), json!("7"), json!(-1), json!(0.5), json!([]), json!({})];
        others.extend(types);
    }
    for other in others {
        if let Some(value) = whole.pointer_mut(place) {
            *value = other;
        }
        show(whole);
        if let Some(value) = whole.pointer_mut(place) {
            *value = held.clone();
        }
    }
}

/// Returns the arguments that have a description in full wording, but only their name in lean wording.
fn undescribed(full: &Operation, lean: &Operation) -> Vec<String> {
    let text = |arg: &Arg| {
        let text = arg.schema.as_value().get("description").and_then(Value::as_str);
        text.unwrap_or_default().trim().to_owned()
    };
    let lost = full
        .args
        .iter()
        .zip(&lean.args)
        .filter(|(one, other)| says_more_than(one.name.as_str(), &text(one)) && text(other).is_empty());
    lost.map(|(arg, _)| format!("does not describe `{}` in lean wording", arg.name.as_str())).collect()
}

/// Whether a text contains a word that is neither part of the name nor a filler.
fn says_more_than(name: &str, text: &str) -> bool {
    const EMPTY: [&str; 31] = [
        "a", "above", "all", "an", "and", "below", "by", "for", "from", "in", "input", "is", "it", "its",
        "of", "on", "only", "optional", "output", "read", "required", "s", "see", "that", "the", "this",
        "to", "value", "which", "with", "write",
    ];
    let flat = |text: &str| text.to_lowercase().replace(|c: char| !c.is_alphanumeric(), " ");
    let name = flat(name).replace(' ', "");
    flat(text)
        .split_whitespace()
        .any(|word| !EMPTY.contains(&word) && !name.contains(word.trim_end_matches('s')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_that_repeats_the_argument_name_adds_no_information() {
        for (text, expected) in [
            ("The book's ID.", false),
            ("Optional.", false),
            ("IDs of books", false),
            ("", false),
            ("The ID of the loan", true),
        ] {
            assert_eq!(says_more_than("bookId", text), expected, "{text}");
        }
    }

    #[test]
    fn every_value_is_mutated_and_then_restored() {
        let mut whole = json!({ "a/b": ["x"], "c": 1 });
        let before = whole.clone();
        assert_eq!(places(&whole), ["", "/a~1b", "/c", "/a~1b/0"]);
        let mut shown = Vec::new();
        for place in places(&whole) {
            break_at(&mut whole, &place, &mut |broken| shown.push(broken.clone()));
        }
        assert_eq!(whole, before);
        for broken in
            [json!({ "c": 1 }), json!({ "a/b": ["x\u{2042}"], "c": 1 }), json!({ "a/b": ["x"], "c": "7" })]
        {
            assert!(shown.contains(&broken), "{broken}");
        }
        assert!(!shown.contains(&before));
    }
}
