//! Checks a value against a schema. Only the keywords of JSON Schema 2020-12 that documents use are supported.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::definitions::Definitions;
use serde_json::{Map, Value};

use super::equal::same;
use super::keywords::Keywords;
use super::pattern::Pattern;

/// Whether the value fits the schema. `#/$defs/NAME` is resolved in `defs`.
///
/// `format`, `unevaluatedProperties` and unsupported patterns accept every value. A reference without a target accepts no
/// value.
pub fn fits(value: &Value, schema: &Value, defs: &dyn Definitions) -> bool {
    Fitting { defs, known: RefCell::default(), steps: Cell::new(MOST_STEPS) }.fits(value, schema, MOST_DEPTH)
}

/// The depth of nested schemas at which a reference cycle is no longer followed.
const MOST_DEPTH: usize = 200;
/// The maximum number of pairs of value and schema that one check visits. A check that exceeds this number
/// returns `false`.
const MOST_STEPS: usize = 200_000;

/// A check with a cache of its results, because nested alternatives compare the same value with the same schema many
/// times.
struct Fitting<'a> {
    defs: &'a dyn Definitions,
    /// The cached results. The keys are memory addresses, because both values stay in place during the check.
    known: RefCell<HashMap<(*const Value, *const Value), bool, BuildHasherDefault<AddressHasher>>>,
    steps: Cell<usize>,
}

/// A hasher for memory addresses. Authors of documents do not choose these, so a simple hash is enough.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_usize(usize::from(*byte)));
    }

    fn write_usize(&mut self, address: usize) {
        const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
        self.0 = (self.0.rotate_left(29) ^ address as u64).wrapping_mul(FACTOR);
        self.0 ^= self.0 >> 32;
    }
}

impl Fitting<'_> {
    fn fits(&self, value: &Value, schema: &Value, fuel: usize) -> bool {
        let key = (std::ptr::from_ref(value), std::ptr::from_ref(schema));
        let known = self.known.borrow().get(&key).copied();
        known.unwrap_or_else(|| {
            let Some(left) = self.steps.get().checked_sub(1) else { return false };
            self.steps.set(left);
            // The result is `false` until it is known, so that reference cycles end.
            self.known.borrow_mut().insert(key, false);
            let answer = self.fits_anew(value, schema, fuel);
            self.known.borrow_mut().insert(key, answer);
            answer
        })
    }

    fn fits_anew<'s>(&self, value: &Value, schema: &'s Value, fuel: usize) -> bool {
        let map = match schema {
            Value::Bool(all) => return *all,
            Value::Object(map) => map,
            _ => return false,
        };
        let Some(fuel) = fuel.checked_sub(1) else { return false };
        let on = |schema: &Value| self.fits(value, schema, fuel);
        let list = |keyword: Option<&'s Value>| keyword.and_then(Value::as_array);
        let map = Keywords::of(map);

        has_type(value, map.kind)
            && map.constant.is_none_or(|it| same(it, value))
            && list(map.allowed).is_none_or(|values| values.iter().any(|it| same(it, value)))
            && map.reference.is_none_or(|target| {
                let name = target.as_str().and_then(|it| it.strip_prefix("#/$defs/"));
                name.and_then(|name| self.defs.schema(name)).is_some_and(on)
            })
            && list(map.all_of).is_none_or(|all| all.iter().all(on))
            && list(map.any_of).is_none_or(|any| any.iter().any(on))
            && list(map.one_of).is_none_or(|one| one.iter().filter(|it| on(it)).take(2).count() == 1)
            && map.not.is_none_or(|schema| !on(schema))
            && map.condition.is_none_or(|schema| {
                let then = if on(schema) { map.then } else { map.otherwise };
                then.is_none_or(on)
            })
            && match value {
                Value::Object(object) => {
                    object_fits(object, &map, |value, schema| self.fits(value, schema, fuel))
                        && self.names_fit(object, &map, fuel)
                        && dependents_fit(object, &map, on)
                }
                Value::Array(items) => {
                    array_fits(items, &map, |value, schema| self.fits(value, schema, fuel))
                }
                Value::String(text) => text_fits(text, &map),
                Value::Number(number) => number.as_f64().is_none_or(|number| number_fits(number, &map)),
                Value::Bool(_) | Value::Null => true,
            }
    }
}

impl Fitting<'_> {
    /// Whether the property names of an object fit. Names are temporary values, so their results are not cached by memory address.
    fn names_fit(&self, object: &Map<String, Value>, map: &Keywords<'_>, fuel: usize) -> bool {
        let Some(schema) = map.property_names else { return true };
        object.keys().all(|name| {
            let steps = Cell::new(self.steps.get());
            let asked = Fitting { defs: self.defs, known: RefCell::default(), steps };
            let answer = asked.fits(&Value::String(name.clone()), schema, fuel);
            self.steps.set(asked.steps.get());
            answer
        })
    }
}

/// Whether the value has one of the types in the keyword `type`. Without a type, every value fits.
fn has_type(value: &Value, kind: Option<&Value>) -> bool {
    match kind {
        Some(Value::String(name)) => is_type(value, name),
        Some(Value::Array(names)) => {
            let mut names = names.iter().filter_map(Value::as_str).peekable();
            names.peek().is_none() || names.any(|name| is_type(value, name))
        }
        _ => true,
    }
}

/// Whether the value has the type. A number without a fraction is an integer.
pub(super) fn is_type(value: &Value, name: &str) -> bool {
    match (name, value) {
        ("integer", Value::Number(number)) => {
            number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|it| it.fract() == 0.0)
        }
        ("object", Value::Object(_))
        | ("array", Value::Array(_))
        | ("string", Value::String(_))
        | ("number", Value::Number(_))
        | ("boolean", Value::Bool(_))
        | ("null", Value::Null) => true,
        _ => false,
    }
}

fn count(keyword: Option<&Value>) -> Option<usize> {
    keyword.and_then(Value::as_f64).map(|number| number as usize)
}

fn within(length: usize, least: Option<&Value>, most: Option<&Value>) -> bool {
    count(least).is_none_or(|it| length >= it) && count(most).is_none_or(|it| length <= it)
}

fn object_fits(object: &Map<String, Value>, map: &Keywords<'_>, on: impl Fn(&Value, &Value) -> bool) -> bool {
    let properties = map.properties.and_then(Value::as_object);
    let patterns = map.pattern_properties.and_then(Value::as_object);
    let has = |name: &Value| name.as_str().is_some_and(|name| object.contains_key(name));
    within(object.len(), map.min_properties, map.max_properties)
        && map.required.and_then(Value::as_array).is_none_or(|names| names.iter().all(has))
        && object.iter().all(|(name, value)| {
            let declared = properties.and_then(|it| it.get(name));
            let mut matched = patterns
                .into_iter()
                .flatten()
                .filter(|(pattern, _)| Pattern::parse(pattern).is_some_and(|pattern| pattern.matches(name)));
            let known = declared.is_some() || matched.clone().next().is_some();
            declared.is_none_or(|schema| on(value, schema))
                && matched.all(|(_, schema)| on(value, schema))
                && (known || map.additional_properties.is_none_or(|schema| on(value, schema)))
        })
}

fn dependents_fit(object: &Map<String, Value>, map: &Keywords<'_>, on: impl Fn(&Value) -> bool) -> bool {
    let has = |name: &Value| name.as_str().is_some_and(|name| object.contains_key(name));
    given(object, map.dependent_schemas).all(on)
        && given(object, map.dependent_required)
            .all(|names| names.as_array().is_none_or(|names| names.iter().all(has)))
}

/// Returns the rules for the properties that the object has.
fn given<'s>(object: &Map<String, Value>, rules: Option<&'s Value>) -> impl Iterator<Item = &'s Value> {
    let rules = rules.and_then(Value::as_object).into_iter().flatten();
    rules.filter(|(name, _)| object.contains_key(*name)).map(|(_, rule)| rule)
}

fn array_fits(items: &[Value], map: &Keywords<'_>, on: impl Fn(&Value, &Value) -> bool) -> bool {
    let firsts = map.prefix_items.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let unique = map.unique_items.and_then(Value::as_bool).unwrap_or(false);
    within(items.len(), map.min_items, map.max_items)
        && items
            .iter()
            .enumerate()
            .all(|(index, item)| firsts.get(index).or(map.items).is_none_or(|schema| on(item, schema)))
        && (!unique || (1..items.len()).all(|end| !items[..end].iter().any(|it| same(it, &items[end]))))
        && map.contains.is_none_or(|schema| {
            let found = items.iter().filter(|item| on(item, schema)).count();
            found >= count(map.min_contains).unwrap_or(1)
                && count(map.max_contains).is_none_or(|it| found <= it)
        })
}

fn text_fits(text: &str, map: &Keywords<'_>) -> bool {
    within(text.chars().count(), map.min_length, map.max_length)
        && map
            .pattern
            .and_then(Value::as_str)
            .and_then(Pattern::parse)
            .is_none_or(|pattern| pattern.matches(text))
}

fn number_fits(number: f64, map: &Keywords<'_>) -> bool {
    let bound = |keyword: Option<&Value>| keyword.and_then(Value::as_f64);
    bound(map.minimum).is_none_or(|it| number >= it)
        && bound(map.maximum).is_none_or(|it| number <= it)
        && bound(map.exclusive_minimum).is_none_or(|it| number > it)
        && bound(map.exclusive_maximum).is_none_or(|it| number < it)
        && bound(map.multiple_of).is_none_or(|step| step <= 0.0 || is_multiple(number, step))
}

/// Whether a number is a multiple of `step`. Floats cannot represent steps such as 0.01 exactly, so a quotient that is almost integral
/// counts as integral.
pub(super) fn is_multiple(number: f64, step: f64) -> bool {
    let times = number / step;
    (times - times.round()).abs() <= 1e-9 * times.abs().max(1.0)
}
