//! Writes messages about problems: the JSON pointer, the expectation and the given value.

use std::collections::{HashSet, VecDeque};
use std::fmt::Write as _;
use std::io;

use jackfield_recipe::nearest;
use serde_json::{Map, Value};

use super::Schema;
use super::explain::{Problem, ProblemKind};
use crate::common::text::plain;

/// The maximum number of characters of a value in a message.
const SHOWN: usize = 60;
/// The maximum number of constants, types or names in a message.
const LISTED: usize = 8;

/// Describes one problem in a line.
pub(crate) fn describe(schema: &Schema, problem: &Problem<'_>) -> String {
    let place = problem.path.show();
    let place = if place.is_empty() { "arguments" } else { &place };
    format!("{place}: {}", what(schema, problem))
}

fn what(schema: &Schema, problem: &Problem<'_>) -> String {
    let value = problem.value;
    let given = || show(value);
    match &problem.kind {
        ProblemKind::Keyword(key, operand) => keyword(schema, key, operand, value),
        ProblemKind::Neither(schemas) => {
            let expected = listed(expectations(schema, schemas.iter().copied()), " or ");
            format!("expected {expected}, got {}{}", given(), near(schemas, value))
        }
        ProblemKind::Several => {
            format!("{} matches more than one of the alternatives, expected exactly one", given())
        }
        ProblemKind::Missing(name, None) => format!("missing `{}`", plain(name, SHOWN)),
        ProblemKind::Missing(name, Some(because)) => {
            format!("missing `{}`, which `{}` requires", plain(name, SHOWN), plain(because, SHOWN))
        }
        ProblemKind::Unknown(name, declared) => unknown(name, *declared, value),
        ProblemKind::Name(name, operand) => {
            let expected = listed(expectations(schema, [*operand]), " or ");
            format!("the name `{}` is not allowed, expected {expected}", plain(name, SHOWN))
        }
        ProblemKind::Forbidden => format!("{} is one of the values that are not allowed", given()),
        ProblemKind::Nothing => "not allowed here".to_owned(),
    }
}

fn keyword(schema: &Schema, key: &str, operand: &Value, value: &Value) -> String {
    let given = show(value);
    let size = match value {
        Value::Array(items) => items.len(),
        Value::Object(object) => object.len(),
        Value::String(text) => text.chars().count(),
        _ => 0,
    };
    let counted = |bound: &str, one: &str, many: &str| {
        let unit = if operand.as_f64() == Some(1.0) { one } else { many };
        format!("expected {bound} {operand} {unit}, got {size}")
    };
    match key {
        "type" => format!("expected {}, got {given}", listed(types(operand), " or ")),
        "enum" => {
            let constants = operand.as_array().map_or(&[][..], Vec::as_slice);
            let hint = nearest_constant(constants.iter(), value);
            format!("expected {}, got {given}{hint}", listed(constants.iter().map(show).collect(), " or "))
        }
        "const" => format!("expected {}, got {given}", show(operand)),
        "minimum" => format!("expected at least {operand}, got {given}"),
        "maximum" => format!("expected at most {operand}, got {given}"),
        "exclusiveMinimum" => format!("expected more than {operand}, got {given}"),
        "exclusiveMaximum" => format!("expected less than {operand}, got {given}"),
        "multipleOf" => format!("expected a multiple of {operand}, got {given}"),
        "minLength" => counted("at least", "character", "characters"),
        "maxLength" => counted("at most", "character", "characters"),
        "minItems" => counted("at least", "item", "items"),
        "maxItems" => counted("at most", "item", "items"),
        "minProperties" => counted("at least", "property", "properties"),
        "maxProperties" => counted("at most", "property", "properties"),
        "uniqueItems" => "expected unique items".to_owned(),
        "pattern" => {
            let pattern = operand.as_str().unwrap_or_default();
            format!("expected a string that matches `{}`, got {given}", plain(pattern, 200))
        }
        "contains" => {
            let expected = listed(expectations(schema, [operand]), " or ");
            format!("the number of items that are {expected} is too small or too large")
        }
        _ => format!("{given} does not match `{}`", plain(key, SHOWN)),
    }
}

/// Describes an undeclared property. Suggests the most similar declared property, or lists the declared properties that
/// are missing.
fn unknown(name: &str, declared: Option<&Map<String, Value>>, object: &Value) -> String {
    let shown = plain(name, SHOWN);
    let is_free = |name: &&str| object.get(*name).is_none();
    let free = || declared.into_iter().flat_map(Map::keys).map(String::as_str).filter(is_free);
    if let Some(meant) = nearest(name, free()) {
        return format!("unknown `{shown}`; did you mean `{}`?", plain(meant, SHOWN));
    }
    let free: Vec<String> = free().map(|name| format!("`{}`", plain(name, SHOWN))).collect();
    if free.is_empty() {
        return format!("unknown `{shown}`");
    }
    format!("unknown `{shown}`; not given yet: {}", listed(free, ", "))
}

/// Describes the expectations of schemas in a few words each.
fn expectations<'a>(schema: &'a Schema, roots: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
    let mut waiting: VecDeque<&Value> = roots.into_iter().collect();
    let mut seen = HashSet::new();
    let mut found: Vec<String> = Vec::new();
    while let Some(one) = waiting.pop_front() {
        let is_new = seen.insert(std::ptr::from_ref(one) as usize);
        let Some(map) = one.as_object().filter(|_| is_new && seen.len() < 200) else { continue };
        let more = if let Some(constant) = map.get("const") {
            vec![show(constant)]
        } else if let Some(Value::Array(constants)) = map.get("enum") {
            constants.iter().take(2 * LISTED).map(show).collect()
        } else if let Some(operand) = map.get("type") {
            types(operand)
        } else if let Some(Value::String(pattern)) = map.get("pattern") {
            vec![format!("a string that matches `{}`", plain(pattern, 200))]
        } else {
            let target = map.get("$ref").and_then(Value::as_str).and_then(|target| schema.resolve(target));
            waiting.extend(target);
            let parts = ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| map.get(*key)?.as_array());
            waiting.extend(parts.flatten().take(100));
            Vec::new()
        };
        for one in more {
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    if found.is_empty() {
        found.push("another value".to_owned());
    }
    found
}

fn types(operand: &Value) -> Vec<String> {
    let names = match operand {
        Value::Array(names) => names.as_slice(),
        one => std::slice::from_ref(one),
    };
    let words = names.iter().filter_map(Value::as_str).map(|name| match name {
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "an array",
        "object" => "an object",
        other => other,
    });
    words.map(str::to_owned).collect()
}

/// Lists the first items, and the number of further items.
fn listed(mut all: Vec<String>, between: &str) -> String {
    let count = all.len();
    all.truncate(LISTED);
    let mut text = all.join(between);
    if count > LISTED {
        let _ = write!(text, "{between}{} more", count - LISTED);
    }
    text
}

fn near(schemas: &[&Value], value: &Value) -> String {
    let constants = schemas.iter().flat_map(|schema| {
        let many = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
        schema.get("const").into_iter().chain(many)
    });
    nearest_constant(constants, value)
}

fn nearest_constant<'a>(constants: impl Iterator<Item = &'a Value>, value: &Value) -> String {
    let given = value.as_str().unwrap_or_default();
    match nearest(given, constants.filter_map(Value::as_str)) {
        Some(meant) => format!("; did you mean \"{}\"?", plain(meant, SHOWN)),
        None => String::new(),
    }
}

/// Returns the beginning of a value as JSON. The rest of the value is not serialized.
pub(crate) fn show(value: &Value) -> String {
    struct Beginning(Vec<u8>);
    impl io::Write for Beginning {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0.len() > 4 * SHOWN {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.0.extend(bytes.iter().take(4 * SHOWN + 4));
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut beginning = Beginning(Vec::new());
    // Serialization stops as soon as the beginning is complete.
    let _ = serde_json::to_writer(&mut beginning, value);
    plain(&String::from_utf8_lossy(&beginning.0), SHOWN)
}
