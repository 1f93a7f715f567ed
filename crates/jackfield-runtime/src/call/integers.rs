//! Handles integers that the JSON parser returned as doubles. A double has lost the last digits of an integer that does not
//! fit into 64 bits. So the double is refused if the schema requires an integer: `1e23` is never exactly the number that was
//! meant.
//!
//! A double that equals a 64-bit integer, such as `1e17`, is converted to this integer, so that all digits are sent.

use std::cell::Cell;

use serde_json::{Map, Value};

use crate::call::args::ArgError;
use crate::call::argument_problem::{ArgumentProblem, LostDigits};
use crate::call::types::Types;

/// From this value on, doubles are serialized with an exponent.
const WITH_EXPONENT: f64 = 1e16;
/// The lowest 64-bit integer. A double with this value may stand for a lower number. If the arguments had contained exactly this integer,
/// the parser would have returned an integer.
const LOWEST: f64 = -9_223_372_036_854_775_808.0;
/// The maximum depth of values and references.
const DEEPEST: usize = 64;
/// The maximum number of schemas to visit. Values that are not visited are sent unchanged.
const MOST_STEPS: usize = 100_000;

/// Converts doubles in the arguments to integers. `schema` is called only if a number may have to be converted.
pub(crate) fn settle(
    schema: impl FnOnce() -> Map<String, Value>,
    arguments: &mut Map<String, Value>,
) -> Result<(), ArgError> {
    if !arguments.values().any(|value| is_in_doubt(value, 0)) {
        return Ok(());
    }
    let root = Value::Object(schema());
    let walk = Walk { root: &root, steps: Cell::new(MOST_STEPS) };
    for (name, value) in arguments.iter_mut() {
        let schemas = walk.children(&[&root], Some(name));
        walk.value(&schemas, value, &mut Vec::new())
            .map_err(|lost| ArgError::new(name.as_str(), ArgumentProblem::LostDigits(lost)))?;
    }
    Ok(())
}

/// Whether the value contains a double that is an integer and would be serialized with an exponent.
fn is_in_doubt(value: &Value, depth: usize) -> bool {
    match value {
        Value::Number(number) => doubtful(number).is_some(),
        Value::Array(items) => depth < DEEPEST && items.iter().any(|item| is_in_doubt(item, depth + 1)),
        Value::Object(fields) => {
            depth < DEEPEST && fields.values().any(|field| is_in_doubt(field, depth + 1))
        }
        _ => false,
    }
}

fn doubtful(number: &serde_json::Number) -> Option<f64> {
    let double = number.as_f64().filter(|_| number.is_f64())?;
    (double.abs() >= WITH_EXPONENT).then_some(double)
}

/// Returns the 64-bit integer that equals a double.
fn integer(double: f64) -> Option<Value> {
    let digits = format!("{double:.0}");
    let signed = || digits.parse::<i64>().ok().filter(|_| double > LOWEST).map(Value::from);
    digits.parse::<u64>().ok().map(Value::from).or_else(signed)
}

/// The state of a walk through arguments and their schema.
struct Walk<'s> {
    root: &'s Value,
    steps: Cell<usize>,
}

impl<'s> Walk<'s> {
    /// Visits a value. `schemas` are the schemas that may apply to the value.
    fn value(
        &self,
        schemas: &[&'s Value],
        value: &mut Value,
        path: &mut Vec<String>,
    ) -> Result<(), LostDigits> {
        if path.len() >= DEEPEST || !is_in_doubt(value, path.len()) {
            return Ok(());
        }
        match value {
            Value::Number(number) => {
                let Some(double) = doubtful(number) else { return Ok(()) };
                let types = self.types_of_all(schemas);
                if !types.has_any(Types::INTEGER) || types.has_any(Types::FRACTION) {
                    return Ok(());
                }
                let lost = || LostDigits {
                    number: number.clone(),
                    path: path.clone(),
                    takes_text: types.has_any(Types::TEXT),
                };
                *value = integer(double).ok_or_else(lost)?;
                Ok(())
            }
            Value::Array(items) => {
                let schemas = self.children(schemas, None);
                items.iter_mut().enumerate().try_for_each(|(at, item)| {
                    path.push(at.to_string());
                    self.value(&schemas, item, path)?;
                    path.pop();
                    Ok(())
                })
            }
            Value::Object(fields) => fields.iter_mut().try_for_each(|(name, field)| {
                path.push(name.clone());
                self.value(&self.children(schemas, Some(name)), field, path)?;
                path.pop();
                Ok(())
            }),
            _ => Ok(()),
        }
    }

    /// Returns the schemas of a property, or of the items.
    fn children(&self, schemas: &[&'s Value], name: Option<&str>) -> Vec<&'s Value> {
        let mut plain = Vec::new();
        schemas.iter().for_each(|schema| self.flatten(schema, &mut plain));
        let child = |schema: &&'s Map<String, Value>| match name {
            None => schema.get("items"),
            Some(name) => {
                let declared = schema.get("properties").and_then(|properties| properties.get(name));
                declared.or_else(|| schema.get("additionalProperties"))
            }
        };
        plain.iter().filter_map(child).collect()
    }

    /// Collects a schema and its subschemas that apply to the same value. References are followed.
    fn flatten(&self, schema: &'s Value, found: &mut Vec<&'s Map<String, Value>>) {
        let Some(map) = schema.as_object().filter(|_| self.step()) else { return };
        if found.len() >= DEEPEST || found.iter().any(|known| std::ptr::eq(*known, map)) {
            return;
        }
        found.push(map);
        if let Some(target) = self.target(map) {
            self.flatten(target, found);
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            let parts = map.get(key).and_then(Value::as_array);
            parts.into_iter().flatten().for_each(|part| self.flatten(part, found));
        }
    }

    fn target(&self, map: &Map<String, Value>) -> Option<&'s Value> {
        let name = map.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
        self.root.get("$defs")?.get(name)
    }

    fn step(&self) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0
    }

    /// Returns the types that any of the schemas accepts. A schema without `type` counts only if no other schema has `type`.
    fn types_of_all(&self, schemas: &[&Value]) -> Types {
        let each = schemas.iter().map(|schema| self.types(schema, 0));
        let said = each.filter(|types| *types != Types::ALL).reduce(Types::or);
        said.unwrap_or(Types::ALL)
    }

    fn types(&self, schema: &Value, depth: usize) -> Types {
        let Some(map) = schema.as_object() else { return Types::ALL };
        // A circular reference adds nothing to the other alternatives.
        if depth >= DEEPEST || !self.step() {
            return Types::NONE;
        }
        let mut types = match map.get("type") {
            Some(Value::String(name)) => Types::named(name),
            Some(Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).map(Types::named).fold(Types::NONE, Types::or)
            }
            _ => Types::ALL,
        };
        if let Some(target) = self.target(map) {
            types = types.and(self.types(target, depth + 1));
        }
        let parts = |key: &str| map.get(key).and_then(Value::as_array);
        for part in parts("allOf").into_iter().flatten() {
            types = types.and(self.types(part, depth + 1));
        }
        for parts in ["anyOf", "oneOf"].into_iter().filter_map(parts) {
            let any = parts.iter().map(|part| self.types(part, depth + 1)).fold(Types::NONE, Types::or);
            types = types.and(any);
        }
        types
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn settled(schema: Value, value: Value) -> Result<Value, String> {
        let root = json!({ "type": "object", "properties": { "n": schema }, "$defs": {
            "Id": { "type": "integer" },
            "Loop": { "anyOf": [{ "$ref": "#/$defs/Loop" }, { "type": "integer" }] },
            "Tree": { "type": "object", "properties": {
                "id": { "$ref": "#/$defs/Id" },
                "children": { "type": "array", "items": { "$ref": "#/$defs/Tree" } },
            } },
        } });
        let mut arguments = Map::from_iter([("n".to_owned(), value)]);
        settle(|| root.as_object().unwrap().clone(), &mut arguments).map_err(|error| error.to_string())?;
        Ok(arguments["n"].take())
    }

    #[test]
    fn integer_that_does_not_fit_into_64_bits_is_refused() {
        for (schema, value) in [
            (json!({ "type": "integer" }), json!(123_456_789_012_345_678_901_234.0)),
            (json!({ "type": "integer" }), json!(18_446_744_073_709_551_616.0)),
            (json!({ "type": "integer" }), json!(LOWEST)),
            (json!({ "type": ["integer", "null"] }), json!(1e23)),
            (json!({ "$ref": "#/$defs/Id" }), json!(1e23)),
            (json!({ "$ref": "#/$defs/Loop" }), json!(1e23)),
            (json!({ "allOf": [{ "type": "number" }, { "type": "integer" }] }), json!(1e23)),
            (json!({ "type": "array", "items": { "type": "integer" } }), json!([1, 1e23])),
            (json!({ "additionalProperties": { "type": "integer" } }), json!({ "a": 1e23 })),
            (json!({ "$ref": "#/$defs/Tree" }), json!({ "children": [{ "children": [{ "id": 1e23 }] }] })),
            (
                json!({ "allOf": [{ "properties": { "a": { "type": "integer" } } }, { "properties": { "a": {} } }] }),
                json!({ "a": 1e23 }),
            ),
        ] {
            assert!(settled(schema.clone(), value.clone()).is_err(), "{schema} {value}");
        }
    }

    #[test]
    fn error_about_an_inexact_integer_names_the_position_and_a_remedy() {
        let refused = settled(json!({ "type": "array", "items": { "type": "integer" } }), json!([1e23]));
        assert_eq!(
            refused.unwrap_err(),
            "`n` has at `/0` an integer that does not fit into 64 bits (about 1e23), so its last digits were lost: give an integer from \
             -9223372036854775808 to 18446744073709551615; if the service accepts longer integers as strings, its document \
             has to say so with `type: string`"
        );
        let refused = settled(json!({ "type": ["integer", "string"] }), json!(1e23)).unwrap_err();
        assert!(refused.ends_with("give it as a string of digits, in quotes"), "{refused}");
    }

    #[test]
    fn integer_of_64_bits_is_sent_with_all_its_digits() {
        for (value, sent) in [
            (json!(1e17), json!(100_000_000_000_000_000_u64)),
            (json!(-1e18), json!(-1_000_000_000_000_000_000_i64)),
            (json!(1e19), json!(10_000_000_000_000_000_000_u64)),
            (json!(u64::MAX), json!(u64::MAX)),
            (json!(i64::MIN), json!(i64::MIN)),
            (json!(1.0), json!(1.0)),
        ] {
            assert_eq!(settled(json!({ "type": "integer" }), value), Ok(sent));
        }
    }

    #[test]
    fn number_that_does_not_fit_into_64_bits_is_sent_as_a_double() {
        for schema in [
            json!({}),
            json!({ "type": "number" }),
            json!({ "anyOf": [{ "type": "integer" }, { "type": "number" }] }),
        ] {
            assert_eq!(settled(schema, json!(1e23)), Ok(json!(1e23)));
        }
    }

    #[test]
    fn conversion_of_integers_in_an_exponential_schema_stops_at_the_step_limit() {
        let mut defs = Map::new();
        for at in 0..40 {
            let next = json!({ "$ref": format!("#/$defs/S{}", at + 1) });
            defs.insert(format!("S{at}"), json!({ "anyOf": [next, next, next] }));
        }
        let root = json!({ "properties": { "n": { "$ref": "#/$defs/S0" } }, "$defs": defs });
        let mut arguments = Map::from_iter([("n".to_owned(), json!(1e23))]);
        assert!(settle(|| root.as_object().unwrap().clone(), &mut arguments).is_ok());
    }
}
