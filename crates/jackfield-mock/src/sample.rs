//! Samples values from schemas. A sample is deterministic, and fits its schema.

mod equal;
mod fits;
mod flat;
mod keywords;
mod number;
mod pattern;
mod text;

use std::cell::Cell;

use serde_json::{Map, Value};

use crate::definitions::{Definitions, OwnDefinitions};

pub use fits::fits;
use flat::Flat;

/// The optional values that a sample contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Only required values.
    Minimal,
    /// Every declared property, and two items for each array.
    Full,
}

/// Limits of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The optional values that the sample contains.
    pub fill: Fill,
    /// Below this depth, objects and arrays contain only required values.
    pub depth: usize,
    /// The number of items in an array, if the schema allows this number.
    pub items: usize,
    /// After this many values, only required values are added.
    pub values: usize,
}

impl Limits {
    /// Only required values.
    pub const MINIMAL: Self = Self { fill: Fill::Minimal, depth: 4, items: 0, values: 500 };
    /// Every declared value, within limits that keep the sample readable.
    pub const FULL: Self = Self { fill: Fill::Full, depth: 4, items: 2, values: 500 };

    /// Returns the default limits for `fill`.
    pub const fn of(fill: Fill) -> Self {
        match fill {
            Fill::Minimal => Self::MINIMAL,
            Fill::Full => Self::FULL,
        }
    }
}

/// Returns a value that fits `schema`. `#/$defs/NAME` is resolved in `defs`.
///
/// For some schemas no value is found, such as a `oneOf` with three branches that accept the same objects. Then the result is
/// the value that the author of the schema probably meant, or `null`. To find out whether it fits, use [`fits`].
pub fn sample(schema: &Value, defs: &dyn Definitions, limits: Limits) -> Value {
    fitting(schema, "text", defs, limits).unwrap_or_else(|| meant(schema, "text", defs, limits))
}

fn fitting(schema: &Value, name: &str, defs: &dyn Definitions, limits: Limits) -> Option<Value> {
    Sampler::new(defs, limits, Goal::Fitting).value(schema, Spot::top(name))
}

fn meant(schema: &Value, name: &str, defs: &dyn Definitions, limits: Limits) -> Value {
    Sampler::new(defs, limits, Goal::Meant).value(schema, Spot::top(name)).unwrap_or_default()
}

/// Returns a value for the argument `name`. Strings contain the name, so that tests notice swapped arguments. `None` for an optional
/// argument for which no fitting value is found.
pub fn argument(
    name: &str,
    schema: &Value,
    is_required: bool,
    defs: &dyn Definitions,
    limits: Limits,
) -> Option<Value> {
    match fitting(schema, name, defs, limits) {
        None if is_required => Some(meant(schema, name, defs, limits)),
        value => value,
    }
}

/// Returns arguments that fit an input schema, whose `$defs` contains all schemas that it refers to. Properties in `left_out` get no value.
pub fn arguments(input: &Value, left_out: &[&str], limits: Limits) -> Map<String, Value> {
    let own = OwnDefinitions(input);
    let required: Vec<&str> = texts(input.get("required")).collect();
    let properties = input.get("properties").and_then(Value::as_object);
    let mut arguments = Map::new();
    for (name, schema) in properties.into_iter().flatten() {
        let is_required = required.contains(&name.as_str());
        let is_wanted = is_required || limits.fill == Fill::Full && !left_out.contains(&name.as_str());
        if let Some(value) = is_wanted.then(|| argument(name, schema, is_required, &own, limits)).flatten() {
            arguments.insert(name.clone(), value);
        }
    }
    arguments
}

/// The number of nested occurrences after which a reference counts as endless.
const MOST_RETURNS: usize = 3;
/// The depth at which even required values are no longer sampled, because the schema has no finite value, or only a very deep
/// value.
const MOST_DEPTH: usize = 32;
const MOST_STEPS: usize = 10_000;
/// The number of properties or open choices that cost one additional step, because each step copies all of them.
const PROPERTIES: usize = 100;
/// The cost of a check with `fits`, in steps.
const ANSWER: usize = 8;
const GROUPS: usize = 10;

/// The position of a value in the sample.
#[derive(Clone, Copy)]
struct Spot<'a> {
    /// The name of the nearest property, from which strings are made.
    name: &'a str,
    /// The number of objects and arrays around the value.
    depth: usize,
    /// The index of the array item that the value belongs to. It makes the items differ.
    nth: usize,
    fill: Option<Fill>,
}

impl<'a> Spot<'a> {
    const fn top(name: &'a str) -> Self {
        Self { name, depth: 0, nth: 0, fill: None }
    }

    const fn named<'b>(self, name: &'b str) -> Spot<'b> {
        Spot { name, depth: self.depth, nth: self.nth, fill: self.fill }
    }

    const fn sparse(self) -> Self {
        Self { fill: Some(Fill::Minimal), ..self }
    }
}

/// The condition that a sampled value has to meet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// The value fits the whole schema.
    Fitting,
    /// The value has the intended type and properties.
    Meant,
}

struct Sampler<'a> {
    defs: &'a dyn Definitions,
    limits: Limits,
    goal: Goal,
    values: Cell<usize>,
    steps: Cell<usize>,
    /// The references that are currently being resolved.
    trail: std::cell::RefCell<Vec<String>>,
}

impl<'a> Sampler<'a> {
    fn new(defs: &'a dyn Definitions, limits: Limits, goal: Goal) -> Self {
        let (values, steps) = (Cell::new(limits.values), Cell::new(MOST_STEPS));
        Self { defs, limits, goal, values, steps, trail: Vec::new().into() }
    }

    /// Returns a value for the schema. `None` if the search finds no value.
    fn value(&self, schema: &Value, spot: Spot<'_>) -> Option<Value> {
        if spot.depth > MOST_DEPTH {
            return None;
        }
        let value = self.follow(&Flat::of(schema, self.defs)?, schema, spot)?;
        self.values.set(self.values.get().saturating_sub(1));
        Some(value)
    }

    /// Returns a value of the flattened schema that also fits `whole`, the original schema. Only the original schema contains all
    /// keywords.
    fn follow(&self, flat: &Flat<'_>, whole: &Value, spot: Spot<'_>) -> Option<Value> {
        let own = flat.keywords().get("properties").and_then(Value::as_object).map_or(0, Map::len);
        self.steps.set(self.steps.get().checked_sub(1 + own / PROPERTIES + flat.groups.len() / GROUPS)?);
        let before = self.trail.borrow().len();
        let returns = {
            let trail = self.trail.borrow();
            let count = |name: &&str| trail.iter().filter(|it| it == name).count();
            flat.refs.iter().map(count).max().unwrap_or(0)
        };
        self.trail.borrow_mut().extend(flat.refs.iter().map(|name| (*name).to_owned()));
        let value = match returns {
            0 => self.choose(flat, whole, spot),
            1..MOST_RETURNS => self.choose(flat, whole, spot.sparse()),
            _ => None,
        };
        self.trail.borrow_mut().truncate(before);
        value
    }

    /// Selects the first branch of each `oneOf` and `anyOf` for which a value is found.
    fn choose(&self, flat: &Flat<'_>, whole: &Value, spot: Spot<'_>) -> Option<Value> {
        if let Some(shown) = self.shown(whole, flat.keywords(), spot) {
            return Some(shown);
        }
        let Some(branches) = flat.groups.first() else {
            let fitting = |value: &Value| {
                self.goal == Goal::Meant || {
                    self.steps.set(self.steps.get().saturating_sub(ANSWER));
                    fits(value, whole, self.defs)
                }
            };
            let found = self.build(flat.keywords(), spot).filter(fitting);
            // The whole schema may contain a keyword that the flattened schema lacks, such as `not`. A smaller value violates fewer
            // keywords.
            return found.or_else(|| self.build(flat.keywords(), spot.sparse()).filter(fitting));
        };
        // `null` is used only if no other value fits.
        let is_null = |branch: &&Value| branch.get("type").is_some_and(|it| it == "null");
        let rich = branches.iter().filter(|it| !is_null(it));
        rich.chain(branches.iter().filter(is_null))
            .find_map(|branch| self.follow(&flat.without_first_group().and(branch, self.defs)?, whole, spot))
    }

    /// Returns a value in the document, if it fits: `const`, `enum`, an example or a default. Published examples often do not
    /// fit.
    fn shown(&self, schema: &Value, keywords: &Map<String, Value>, spot: Spot<'_>) -> Option<Value> {
        let list = |key: &str| keywords.get(key).and_then(Value::as_array).into_iter().flatten();
        let fixed = keywords.contains_key("const") || keywords.contains_key("enum");
        // Examples are not used for the items of an array, because all items would be equal.
        if spot.nth > 0 && !fixed && list("examples").count() < 2 {
            return None;
        }
        let turned = |key: &str| {
            let length = list(key).count().max(1);
            list(key).cycle().skip(spot.nth % length).take(length)
        };
        let shown = keywords
            .get("const")
            .into_iter()
            .chain(turned("examples"))
            .chain(keywords.get("example"))
            .chain(keywords.get("default"))
            .chain(turned("enum").filter(|value| !value.is_null()))
            .chain(list("enum"));
        // An example object may contain optional properties, so a minimal sample is built without examples.
        let welcome = |value: &&Value| {
            fixed || (!value.is_null() && (self.is_full(spot) || !(value.is_object() || value.is_array())))
        };
        shown.filter(welcome).find(|value| fits(value, schema, self.defs)).cloned()
    }

    /// Builds a value from the keywords only.
    fn build(&self, keywords: &Map<String, Value>, spot: Spot<'_>) -> Option<Value> {
        if let Some(value) = keywords.get("const") {
            return Some(value.clone());
        }
        if let Some(values) = keywords.get("enum").and_then(Value::as_array) {
            let types = flat::types(keywords);
            let fitting =
                |value: &&Value| types.is_empty() || types.iter().any(|it| fits::is_type(value, it));
            return values.iter().cycle().skip(spot.nth).take(values.len()).find(fitting).cloned();
        }
        let mut types = flat::types(keywords);
        types.sort_by_key(|it| *it == "null");
        if types.is_empty() {
            types.push(implied_type(keywords));
        }
        types.into_iter().find_map(|name| match name {
            "object" => self.object(keywords, spot).map(Value::Object),
            "array" => self.array(keywords, spot).map(Value::Array),
            "string" => text::sample(keywords, spot.name, spot.nth).map(Value::String),
            "integer" => number::sample(keywords, true, spot.nth),
            "number" => number::sample(keywords, false, spot.nth),
            "boolean" => Some(Value::Bool(spot.nth.is_multiple_of(2))),
            "null" => Some(Value::Null),
            _ => None,
        })
    }

    fn is_full(&self, spot: Spot<'_>) -> bool {
        spot.fill.unwrap_or(self.limits.fill) == Fill::Full
            && spot.depth < self.limits.depth
            && self.values.get() > 0
    }

    fn object(&self, keywords: &Map<String, Value>, spot: Spot<'_>) -> Option<Map<String, Value>> {
        let none = Map::new();
        let properties = keywords.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let required: Vec<&str> = texts(keywords.get("required")).collect();
        let most = keywords.get("maxProperties").and_then(Value::as_u64).map_or(usize::MAX, |it| it as usize);
        let least = keywords.get("minProperties").and_then(Value::as_u64).unwrap_or(0) as usize;
        let full = self.is_full(spot);
        let spot = Spot { depth: spot.depth + 1, ..spot };

        let mut object = Map::new();
        let mut missing = required.iter().filter(|name| properties.contains_key(**name)).count();
        for (name, schema) in properties {
            let needed = required.contains(&name.as_str());
            missing -= usize::from(needed);
            let room = object.len() + missing < most;
            if !needed && !(room && (full || object.len() + missing < least)) {
                continue;
            }
            match self.value(schema, spot.named(name)) {
                Some(value) => drop(object.insert(name.clone(), value)),
                None if needed => return None,
                None => {}
            }
        }
        let open = Value::Object(Map::new());
        let others = match keywords.get("additionalProperties") {
            Some(Value::Bool(false)) => None,
            Some(schema @ Value::Object(_)) => Some(schema),
            _ => Some(&open),
        };
        for name in required.iter().filter(|name| !properties.contains_key(**name)) {
            object.insert((*name).to_owned(), self.value(others?, spot.named(name))?);
        }
        // An object that only has additional properties gets one entry. An object that merely allows them gets none.
        let is_map =
            properties.is_empty() && keywords.get("additionalProperties").is_some_and(Value::is_object);
        let wanted = if full && is_map { least.max(1).min(most) } else { least };
        let mut number = 0;
        while object.len() < wanted && number < wanted.saturating_add(properties.len()) {
            number += 1;
            let name = format!("key{number}");
            if !object.contains_key(&name) {
                let value = self.value(others?, spot.named(&name));
                object.insert(name, if object.len() < least { value? } else { value.unwrap_or_default() });
            }
        }
        Some(object)
    }

    fn array(&self, keywords: &Map<String, Value>, spot: Spot<'_>) -> Option<Vec<Value>> {
        let number = |key: &str| keywords.get(key).and_then(Value::as_u64).map(|it| it as usize);
        let least = number("minItems").unwrap_or(0);
        let most = number("maxItems").unwrap_or(usize::MAX);
        let unique = keywords.get("uniqueItems").and_then(Value::as_bool).unwrap_or(false);
        let open = Value::Object(Map::new());
        let firsts = keywords.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let others = match keywords.get("items") {
            Some(Value::Bool(false)) => None,
            Some(schema @ Value::Object(_)) => Some(schema),
            _ => Some(&open),
        };
        let usual = if self.is_full(spot) { self.limits.items.max(firsts.len()) } else { 0 };
        let wanted = usual.max(least).min(most);

        let mut items = Vec::new();
        // More attempts than items are made, because `uniqueItems` rejects repeated items.
        for nth in 0..wanted.saturating_mul(2).min(MOST_STEPS) {
            if items.len() == wanted {
                break;
            }
            let Some(schema) = firsts.get(items.len()).or(others) else { break };
            // Items are numbered from the position of their array, so that the items of nested arrays differ too.
            let inner = Spot {
                depth: spot.depth + 1,
                nth: (spot.nth.wrapping_mul(wanted) + nth) % MOST_STEPS,
                ..spot
            };
            match self.value(schema, inner) {
                Some(item) if !(unique && items.contains(&item)) => items.push(item),
                Some(_) => {}
                None => break,
            }
        }
        (items.len() >= least).then_some(items)
    }
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Returns the type that the keywords of a schema without `type` imply.
fn implied_type(keywords: &Map<String, Value>) -> &'static str {
    let has = |names: &[&str]| names.iter().any(|name| keywords.contains_key(*name));
    if has(&["properties", "required", "additionalProperties", "minProperties", "patternProperties"]) {
        "object"
    } else if has(&["items", "prefixItems", "minItems", "uniqueItems"]) {
        "array"
    } else if has(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) {
        "number"
    } else {
        "string"
    }
}
