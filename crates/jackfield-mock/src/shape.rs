//! The types, properties and items that a schema allows, with which values are parsed from text.

use serde_json::{Map, Value};

use crate::definitions::Definitions;
use crate::sample::fits;

/// The maximum number of schemas that a shape combines, and of consecutive references.
const MOST_PARTS: usize = 256;
const MOST_DEPTH: usize = 32;

/// A schema together with the schemas that it refers to, combines or chooses between.
pub(crate) struct Shape<'s> {
    whole: &'s Value,
    parts: Vec<&'s Map<String, Value>>,
    defs: &'s dyn Definitions,
}

impl<'s> Shape<'s> {
    pub(crate) fn of(whole: &'s Value, defs: &'s dyn Definitions) -> Self {
        let mut shape = Self { whole, parts: Vec::new(), defs };
        shape.collect(whole, MOST_DEPTH);
        shape
    }

    fn collect(&mut self, schema: &'s Value, depth: usize) {
        let (Value::Object(map), Some(depth)) = (schema, depth.checked_sub(1)) else { return };
        let is_known = self.parts.iter().any(|known| std::ptr::eq(*known, map));
        if is_known || self.parts.len() == MOST_PARTS {
            return;
        }
        self.parts.push(map);
        let target = map.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix("#/$defs/"));
        if let Some(target) = target.and_then(|name| self.defs.schema(name)) {
            self.collect(target, depth);
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            let branches = map.get(key).and_then(Value::as_array);
            branches.into_iter().flatten().for_each(|branch| self.collect(branch, depth));
        }
        for key in ["if", "then", "else"] {
            if let Some(branch) = map.get(key) {
                self.collect(branch, depth);
            }
        }
    }

    /// Whether the schema allows values of a type. A schema without `type` allows all types.
    pub(crate) fn allows(&self, name: &str) -> bool {
        let mut is_any_named = false;
        for part in &self.parts {
            let is_it = |kind: &str| kind == name || kind == "number" && name == "integer";
            match part.get("type") {
                Some(Value::String(kind)) if is_it(kind) => return true,
                Some(Value::Array(kinds)) if kinds.iter().filter_map(Value::as_str).any(is_it) => {
                    return true;
                }
                Some(_) => is_any_named = true,
                None => {
                    let values = part.get("enum").and_then(Value::as_array);
                    let mut values = values.into_iter().flatten().chain(part.get("const")).peekable();
                    is_any_named |= values.peek().is_some();
                    if values.any(|value| type_of(value) == name) {
                        return true;
                    }
                }
            }
        }
        !is_any_named
    }

    pub(crate) fn definitions(&self) -> &'s dyn Definitions {
        self.defs
    }

    pub(crate) fn allows_scalars(&self) -> bool {
        ["string", "integer", "number", "boolean"].iter().any(|kind| self.allows(kind))
    }

    /// Returns the schema of the items of an array.
    pub(crate) fn item(&self) -> &'s Value {
        self.parts.iter().find_map(|part| part.get("items")).unwrap_or(&Value::Bool(true))
    }

    /// Returns the schema of a property. `None` if the schema does not name the property.
    pub(crate) fn property(&self, name: &str) -> Option<&'s Value> {
        self.parts.iter().find_map(|part| part.get("properties")?.get(name))
    }

    /// Returns the schema of a property, whether or not the schema names the property.
    pub(crate) fn any_property(&self, name: &str) -> &'s Value {
        let other = || {
            let schemas = self.parts.iter().filter_map(|part| part.get("additionalProperties"));
            schemas.into_iter().find(|schema| schema.is_object())
        };
        self.property(name).or_else(other).unwrap_or(&Value::Bool(true))
    }

    /// Whether objects may have properties that the schema does not name.
    pub(crate) fn is_open(&self) -> bool {
        let mut rests = self.parts.iter().filter_map(|part| part.get("additionalProperties"));
        self.allows("object") && !rests.any(|rest| *rest == Value::Bool(false))
    }

    /// Returns the names of the required properties of an object.
    pub(crate) fn required(&self) -> impl Iterator<Item = &'s str> + '_ {
        let lists = self.parts.iter().filter_map(|part| part.get("required")?.as_array());
        lists.flatten().filter_map(Value::as_str)
    }

    /// Returns the first candidate that fits the schema, or else the first candidate.
    pub(crate) fn choose(&self, candidates: Vec<Value>) -> Option<Value> {
        let fitting = candidates.iter().position(|value| fits(value, self.whole, self.defs));
        candidates.into_iter().nth(fitting.unwrap_or(0))
    }

    /// Converts a text to a scalar of a type that the schema allows.
    pub(crate) fn scalar(&self, text: &str) -> Value {
        let mut candidates = Vec::new();
        let text_value = || Value::String(text.to_owned());
        if self.allows("string") {
            candidates.push(text_value());
        }
        if let Ok(value) = serde_json::from_str::<Value>(text)
            && !value.is_string()
            && self.allows(type_of(&value))
        {
            candidates.push(value);
        }
        self.choose(candidates).unwrap_or_else(text_value)
    }

    /// Returns the value that a request expresses by sending nothing, such as an empty array. `None` if the schema allows no such value.
    pub(crate) fn empty(&self) -> Option<Value> {
        let candidates = [Value::Null, Value::Array(Vec::new()), Value::Object(Map::new())];
        let fitting = candidates.into_iter().filter(|value| self.allows(type_of(value)));
        fitting.into_iter().find(|value| fits(value, self.whole, self.defs))
    }
}

/// Returns the name of a value's type in JSON Schema.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() && number.as_f64().is_some_and(|it| it.fract() != 0.0) => {
            "number"
        }
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
