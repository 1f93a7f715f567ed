//! Shortens the annotations of schemas. Assertions are left unchanged.

use jackfield_model::{Defs, Schema, Slot, subschemas_mut};
use serde_json::{Map, Value};

use super::compact;
use super::detail::{Details, Wanted};
use super::kinds::{ALL, BOUND, DEFAULT, Kinds, NONE, VALUE};
use super::label::label;
use super::page_length::says_only_length;
use super::sentence::Firsts;
use super::words::{is_within, stems, words};

/// The maximum lengths of descriptions, in characters: of arguments, and of nested schemas.
const ARGUMENT: usize = 100;
const BELOW: usize = 64;
/// The maximum lengths of a sentence that is added to a description.
const ADDED: usize = 100;
const ADDED_BELOW: usize = 40;
/// The maximum length of an example as text.
const EXAMPLE: usize = 60;
/// The maximum number of references to follow to a description.
const LONGEST_CHAIN: usize = 8;

/// Makes an argument's schema lean. Its description is kept, even if the shared schema contains it.
pub(super) fn argument(
    name: &str,
    schema: &mut Schema,
    shared: &Defs,
    firsts: &mut Firsts,
    details: &mut Details,
) {
    schema.edit(|value| {
        let Value::Object(map) = value else { return };
        let target = map.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/$defs/"));
        let target = target.and_then(|target| shared.get(target)).map(Schema::as_value);
        let said = said(map, shared).cloned();
        if let Some(said) = said {
            map.entry("description").or_insert(said);
        }
        let wanted = Wanted { known: known(map, target), longest: ADDED };
        walk(value, Place::Argument { name, wanted }, firsts, details);
    });
}

/// Returns the description of a schema. If the schema has none, follows its `$ref` or the first member of its `allOf`.
fn said<'s>(map: &'s Map<String, Value>, shared: &'s Defs) -> Option<&'s Value> {
    let mut map = map;
    for _ in 0..LONGEST_CHAIN {
        if let Some(said) = map.get("description") {
            return Some(said);
        }
        let next = map.get("allOf").and_then(|parts| parts.get(0)).and_then(Value::as_object).unwrap_or(map);
        let name = next.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/$defs/"));
        map = shared.get(name?)?.as_value().as_object()?;
    }
    None
}

/// Returns the kinds of facts that the keywords of a schema contain.
fn known(map: &Map<String, Value>, target: Option<&Value>) -> Kinds {
    let has = |key: &str| map.contains_key(key) || target.is_some_and(|target| target.get(key).is_some());
    let spelled = if is_open(map, target) { NONE } else { ALL.without(DEFAULT) };
    let bounded = ["minimum", "maximum", "maxLength", "maxItems"].iter().any(|key| has(key));
    let bounds = if bounded { BOUND } else { NONE };
    spelled.with(bounds).with(if has("default") { DEFAULT } else { NONE })
}

/// Whether the keywords of the schema do not determine the format of its values.
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

/// Makes a schema of the pool lean.
pub(super) fn shared(schema: &mut Schema, firsts: &mut Firsts, details: &mut Details) {
    schema.edit(|value| walk(value, Place::Part, firsts, details));
}

/// The position of a schema.
#[derive(Clone, Copy)]
enum Place<'n> {
    Argument {
        name: &'n str,
        wanted: Wanted,
    },
    Property(&'n str),
    /// An item, an alternative, or a schema of the pool.
    Part,
}

fn walk(schema: &mut Value, place: Place<'_>, firsts: &mut Firsts, details: &mut Details) {
    let Value::Object(map) = schema else { return };
    compact::constants(map);
    annotations(map, place, firsts, details);
    subschemas_mut(map, |keyword, slot, child| {
        let place = match slot {
            Slot::Name(name) if keyword == "properties" => Place::Property(name),
            _ => Place::Part,
        };
        walk(child, place, firsts, details);
    });
    compact::compact(map);
}

/// Shortens or removes the annotations of a schema.
fn annotations(map: &mut Map<String, Value>, place: Place<'_>, firsts: &mut Firsts, details: &mut Details) {
    // An example is kept if nothing else explains the value.
    let telling = ["description", "format", "pattern", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"];
    let helps = map.get("type").is_some_and(|kind| kind == "string")
        && !telling.iter().any(|key| map.contains_key(*key))
        && map.get("examples").is_some_and(|examples| examples.to_string().len() <= EXAMPLE);
    let one_value = map.contains_key("const")
        || map.get("enum").and_then(Value::as_array).is_some_and(|values| values.len() == 1);
    // Without a text of its own, the schema would get the text of another schema.
    let is_composed = map.contains_key("$ref") || map.contains_key("allOf");
    let (limit, wanted) = match place {
        Place::Argument { wanted, .. } => (ARGUMENT, Some(wanted)),
        Place::Property(_) => {
            let known = known(map, None).with(VALUE).with(BOUND).with(DEFAULT);
            (BELOW, (known != ALL).then_some(Wanted { known, longest: ADDED_BELOW }))
        }
        Place::Part => (BELOW, None),
    };
    map.retain(|key, value| match (key.as_str(), value) {
        ("title", Value::String(_)) => false,
        ("examples", _) => helps,
        ("description", Value::String(text)) => {
            let Some(first) = firsts.of(text) else { return false };
            let short = label(first, limit);
            let detail = wanted.and_then(|wanted| details.of(text, &short, wanted));
            let repeats = |text: &str, name: &str| is_within(text, &words(name));
            let tells = match place {
                Place::Argument { name, .. } => {
                    is_composed || stems(&short).next().is_none() || !repeats(text, name)
                }
                Place::Property(name) => !one_value && (detail.is_some() || !repeats(&short, name)),
                Place::Part => !one_value,
            };
            let only_length = matches!(place, Place::Argument { name, .. } if says_only_length(name, &short));
            if let Some(detail) = detail.filter(|_| only_length) {
                *text = detail.to_owned();
            } else if !short.is_empty() {
                let detail = detail.map(str::to_owned);
                *text = short;
                if let Some(detail) = detail {
                    text.push_str(if text.ends_with(['…', '?', '!']) { " " } else { ". " });
                    text.push_str(&detail);
                }
            }
            tells
        }
        _ => true,
    });
}
