//! The keywords that have no subschemas.

use serde_json::{Map, Number, Value};

use super::Judge;
use crate::call::validate::budget::Exhausted;
use crate::call::validate::equal::{equal, first_duplicate};
use crate::call::validate::inspect::count;
use crate::call::validate::number::{compare, is_integer, is_multiple};

impl Judge<'_, '_> {
    /// Whether the value satisfies a keyword that has no subschemas. True for any other keyword.
    pub(in crate::call::validate) fn asserts(
        &mut self,
        key: &str,
        operand: &Value,
        value: &Value,
    ) -> Result<bool, Exhausted> {
        Ok(match (key, value) {
            ("type", _) => has_type(operand, value),
            ("enum", _) => {
                for one in operand.as_array().into_iter().flatten() {
                    if equal(one, value, self.budget)? {
                        return Ok(true);
                    }
                }
                !operand.is_array()
            }
            ("const", _) => equal(operand, value, self.budget)?,
            ("minLength", Value::String(text)) => {
                count(operand).is_none_or(|least| self.has_at_least(text, least))
            }
            ("maxLength", Value::String(text)) => {
                count(operand).is_none_or(|most| !self.has_at_least(text, most.saturating_add(1)))
            }
            ("pattern", Value::String(text)) => match operand.as_str().and_then(|it| self.schema.pattern(it))
            {
                Some(pattern) => pattern.is_found(text, self.budget)?,
                None => true,
            },
            ("minimum", Value::Number(it)) => number(operand).is_none_or(|bound| compare(it, bound).is_ge()),
            ("maximum", Value::Number(it)) => number(operand).is_none_or(|bound| compare(it, bound).is_le()),
            ("exclusiveMinimum", Value::Number(it)) => {
                number(operand).is_none_or(|bound| compare(it, bound).is_gt())
            }
            ("exclusiveMaximum", Value::Number(it)) => {
                number(operand).is_none_or(|bound| compare(it, bound).is_lt())
            }
            ("multipleOf", Value::Number(it)) => number(operand).is_none_or(|of| is_multiple(it, of)),
            ("minItems", Value::Array(items)) => {
                count(operand).is_none_or(|least| items.len() as u64 >= least)
            }
            ("maxItems", Value::Array(items)) => count(operand).is_none_or(|most| items.len() as u64 <= most),
            ("uniqueItems", Value::Array(items)) => {
                operand != &Value::Bool(true) || first_duplicate(items, self.budget)?.is_none()
            }
            ("minProperties", Value::Object(object)) => {
                count(operand).is_none_or(|least| object.len() as u64 >= least)
            }
            ("maxProperties", Value::Object(object)) => {
                count(operand).is_none_or(|most| object.len() as u64 <= most)
            }
            ("required", Value::Object(object)) => self.has_all(operand, object)?,
            ("dependentRequired", Value::Object(object)) => {
                for (name, names) in operand.as_object().into_iter().flatten() {
                    if object.contains_key(name) && !self.has_all(names, object)? {
                        return Ok(false);
                    }
                }
                true
            }
            _ => true,
        })
    }

    fn has_all(&mut self, names: &Value, object: &Map<String, Value>) -> Result<bool, Exhausted> {
        let names = names.as_array().map_or(&[][..], Vec::as_slice);
        self.budget.spend(names.len())?;
        Ok(names.iter().filter_map(Value::as_str).all(|name| object.contains_key(name)))
    }

    /// Whether a string has at least the given number of code points. For most strings, the number of bytes is enough to
    /// decide.
    fn has_at_least(&self, text: &str, characters: u64) -> bool {
        let bytes = text.len() as u64;
        bytes >= characters && (bytes / 4 >= characters || text.chars().count() as u64 >= characters)
    }
}

fn number(operand: &Value) -> Option<&Number> {
    match operand {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

fn has_type(operand: &Value, value: &Value) -> bool {
    match operand {
        Value::String(name) => is_of_type(name, value),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(|name| is_of_type(name, value)),
        _ => true,
    }
}

fn is_of_type(name: &str, value: &Value) -> bool {
    match name {
        "string" => value.is_string(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "integer" => matches!(value, Value::Number(number) if is_integer(number)),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        // A malformed keyword asserts nothing.
        _ => true,
    }
}
