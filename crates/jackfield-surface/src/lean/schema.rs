//! Shortens the annotations of schemas. Assertions stay unchanged.

use jackfield_model::{Defs, Schema, Slot, subschemas_mut};
use serde_json::{Map, Value};

use super::compact;
use super::detail::Details;
use super::label::label;
use super::sentence::Firsts;
use super::words::words;

/// The maximum lengths of descriptions, in characters: of arguments, and of schemas below them.
const ARGUMENT: usize = 100;
const BELOW: usize = 64;
/// The maximum length of an example as text.
const EXAMPLE: usize = 60;

/// Makes an argument's schema lean. Its description is kept, even if it belongs to the shared schema.
pub(super) fn argument(schema: &mut Schema, shared: &Defs, firsts: &mut Firsts, details: &mut Details) {
    schema.edit(|value| {
        let Value::Object(map) = value else { return };
        let name = map.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/$defs/"));
        let target = name.and_then(|name| shared.get(name)).map(Schema::as_value);
        if let Some(said) = target.and_then(|target| target.get("description")) {
            map.entry("description").or_insert_with(|| said.clone());
        }
        let said = map.get("description").and_then(Value::as_str).map(str::to_owned);
        let (open, bounded) = (is_open(map, target), is_bounded(map, target));
        walk(value, Place::Argument, firsts);
        if let (Some(said), true) = (said, open)
            && let Some(Value::String(text)) = value.get_mut("description")
            && let Some(detail) = details.of(&said, text, bounded)
        {
            text.push_str(if text.ends_with('…') { " " } else { ". " });
            text.push_str(detail);
        }
    });
}

/// Whether the schema does not tell how its values are spelled.
fn is_open(map: &Map<String, Value>, target: Option<&Value>) -> bool {
    const TELLS: [&str; 5] = ["enum", "const", "pattern", "properties", "contentEncoding"];
    let tells = |map: &Map<String, Value>| {
        TELLS.iter().any(|key| map.contains_key(*key))
            || map.get("format").and_then(Value::as_str).is_some_and(|format| !compact::is_size(format))
            || map.get("type").is_some_and(|kind| kind == "boolean" || kind == "object")
            || ["items", "anyOf", "oneOf", "allOf"].iter().any(|key| match map.get(*key) {
                Some(Value::Array(parts)) => {
                    parts.iter().filter_map(Value::as_object).any(|part| !is_open(part, None))
                }
                Some(Value::Object(part)) => !is_open(part, None),
                _ => false,
            })
    };
    match target {
        Some(target) => target.as_object().is_some_and(|target| !tells(target)),
        None => !map.contains_key("$ref") && !tells(map),
    }
}

fn is_bounded(map: &Map<String, Value>, target: Option<&Value>) -> bool {
    const BOUNDS: [&str; 4] = ["minimum", "maximum", "maxLength", "maxItems"];
    BOUNDS.iter().any(|key| map.contains_key(*key) || target.is_some_and(|target| target.get(key).is_some()))
}

/// Makes a schema of the pool lean.
pub(super) fn shared(schema: &mut Schema, firsts: &mut Firsts) {
    schema.edit(|value| walk(value, Place::Part, firsts));
}

/// The place of a schema.
#[derive(Clone, Copy)]
enum Place<'n> {
    Argument,
    Property(&'n str),
    /// An item, an alternative, a schema of the pool.
    Part,
}

fn walk(schema: &mut Value, place: Place<'_>, firsts: &mut Firsts) {
    let Value::Object(map) = schema else { return };
    compact::constants(map);
    annotations(map, place, firsts);
    subschemas_mut(map, |keyword, slot, child| {
        let place = match slot {
            Slot::Name(name) if keyword == "properties" => Place::Property(name),
            _ => Place::Part,
        };
        walk(child, place, firsts);
    });
    compact::compact(map);
}

/// Shortens or removes the annotations of a schema.
fn annotations(map: &mut Map<String, Value>, place: Place<'_>, firsts: &mut Firsts) {
    // An example helps if nothing else explains the value.
    let telling = ["description", "format", "pattern", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"];
    let helps = map.get("type").is_some_and(|kind| kind == "string")
        && !telling.iter().any(|key| map.contains_key(*key))
        && map.get("examples").is_some_and(|examples| examples.to_string().len() <= EXAMPLE);
    let one_value = map.contains_key("const")
        || map.get("enum").and_then(Value::as_array).is_some_and(|values| values.len() == 1);
    let limit = if matches!(place, Place::Argument) { ARGUMENT } else { BELOW };
    map.retain(|key, value| match (key.as_str(), value) {
        ("title", Value::String(_)) => false,
        ("examples", _) => helps,
        ("description", Value::String(text)) => {
            let short = label(firsts.of(text), limit);
            let tells = match place {
                Place::Argument => true,
                Place::Property(name) => !one_value && !words(&short).is_subset(&words(name)),
                Place::Part => !one_value,
            };
            if !short.is_empty() {
                *text = short;
            }
            tells
        }
        _ => true,
    });
}
