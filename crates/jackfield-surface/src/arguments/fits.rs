//! Whether a value of connector.toml fits the schema of an argument.
//!
//! Only keywords whose meaning is certain are checked. `pattern` and `format` are left to [`ValueCheck`].

use jackfield_model::Defs;
use serde_json::{Map, Value};

/// Checks a value against a schema that contains its definitions, and returns why it does not fit.
pub type ValueCheck = fn(&Value, &Value) -> Result<(), String>;

/// The maximum number of schemas that one check visits.
const STEPS: usize = 10_000;

/// Returns why the value does not fit the schema, or `None` if it fits.
pub(super) fn misfit(
    schema: &Value,
    value: &Value,
    pool: &Defs,
    check: Option<ValueCheck>,
) -> Option<String> {
    if let Some(problem) = (Checker { pool, steps: STEPS }).misfit(schema, value, 0) {
        return Some(problem);
    }
    let check = check?;
    let mut whole = schema.clone();
    let reached = crate::prune::closure(std::iter::once(&jackfield_model::Schema::new(schema.clone())), pool);
    let defs: Map<String, Value> = reached
        .into_iter()
        .filter_map(|name| Some((name.clone(), pool.get(&name)?.as_value().clone())))
        .collect();
    if let Value::Object(map) = &mut whole
        && !defs.is_empty()
    {
        map.insert("$defs".to_owned(), Value::Object(defs));
    }
    check(&whole, value).err()
}

struct Checker<'p> {
    pool: &'p Defs,
    steps: usize,
}

impl Checker<'_> {
    fn misfit(&mut self, schema: &Value, value: &Value, depth: usize) -> Option<String> {
        let map = match schema {
            Value::Bool(false) => return Some("no value is allowed".to_owned()),
            Value::Object(map) => map,
            _ => return None,
        };
        if depth > 64 || self.steps == 0 {
            return None;
        }
        self.steps -= 1;
        if let Some(target) = map.get("$ref").and_then(Value::as_str)
            && let Some(target) = target.strip_prefix("#/$defs/").and_then(|name| self.pool.get(name))
            && let Some(problem) = self.misfit(target.as_value(), value, depth + 1)
        {
            return Some(problem);
        }
        for all in map.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            if let Some(problem) = self.misfit(all, value, depth + 1) {
                return Some(problem);
            }
        }
        for keyword in ["anyOf", "oneOf"] {
            let Some(any) = map.get(keyword).and_then(Value::as_array) else { continue };
            let mut problems = any.iter().map(|one| self.misfit(one, value, depth + 1)).collect::<Vec<_>>();
            if !problems.is_empty() && problems.iter().all(Option::is_some) {
                return problems.swap_remove(0);
            }
        }
        own(map, value).or_else(|| self.parts(map, value, depth))
    }

    /// Checks the items of an array or the properties of an object.
    fn parts(&mut self, map: &Map<String, Value>, value: &Value, depth: usize) -> Option<String> {
        match value {
            Value::Array(items) => {
                let schema = map.get("items").filter(|schema| !schema.is_array())?;
                items.iter().find_map(|item| self.misfit(schema, item, depth + 1))
            }
            Value::Object(object) => {
                let required = map.get("required").and_then(Value::as_array).into_iter().flatten();
                let mut missing =
                    required.filter_map(Value::as_str).filter(|name| !object.contains_key(*name));
                if let Some(missing) = missing.next() {
                    return Some(format!("the property `{missing}` is missing"));
                }
                let properties = map.get("properties").and_then(Value::as_object);
                let patterns = map.contains_key("patternProperties");
                object.iter().find_map(|(name, value)| match properties.and_then(|all| all.get(name)) {
                    Some(schema) => self.misfit(schema, value, depth + 1),
                    None if !patterns => match map.get("additionalProperties") {
                        Some(Value::Bool(false)) => Some(format!("the property `{name}` is not allowed")),
                        Some(schema) => self.misfit(schema, value, depth + 1),
                        None => None,
                    },
                    None => None,
                })
            }
            _ => None,
        }
    }
}

/// Checks the keywords that apply to the value itself, such as `type`, `enum` and `minimum`.
fn own(map: &Map<String, Value>, value: &Value) -> Option<String> {
    if let Some(kind) = map.get("type") {
        let kinds: Vec<&str> = match kind {
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            kind => kind.as_str().into_iter().collect(),
        };
        if !kinds.is_empty() && !kinds.iter().any(|kind| is_kind(kind, value)) {
            return Some(format!("it is not of type {}", kinds.join(" or ")));
        }
    }
    if let Some(allowed) = map.get("enum").and_then(Value::as_array)
        && !allowed.iter().any(|allowed| is_equal(allowed, value))
    {
        let shown: Vec<String> = allowed.iter().take(8).map(Value::to_string).collect();
        let more = if allowed.len() > shown.len() { ", …" } else { "" };
        return Some(format!("it is not one of {}{more}", shown.join(", ")));
    }
    if let Some(only) = map.get("const")
        && !is_equal(only, value)
    {
        return Some(format!("it is not {only}"));
    }
    let bound = |keyword: &str| map.get(keyword).and_then(Value::as_f64);
    let size = |keyword: &str| map.get(keyword).and_then(Value::as_u64);
    let sized = |count: usize, least: &str, most: &str, unit: &str| {
        let count = count as u64;
        let few = size(least)
            .filter(|least| count < *least)
            .map(|least| format!("it has less than {least} {unit}"));
        few.or_else(|| {
            size(most).filter(|most| count > *most).map(|most| format!("it has more than {most} {unit}"))
        })
    };
    match value {
        Value::Number(number) => {
            let number = number.as_f64()?;
            let below =
                bound("minimum").filter(|least| number < *least).map(|it| format!("it is less than {it}"));
            let above =
                || bound("maximum").filter(|most| number > *most).map(|it| format!("it is more than {it}"));
            let strict = || {
                let low = bound("exclusiveMinimum").filter(|least| number <= *least);
                let high = bound("exclusiveMaximum").filter(|most| number >= *most);
                low.map(|it| format!("it is not more than {it}"))
                    .or_else(|| high.map(|it| format!("it is not less than {it}")))
            };
            below.or_else(above).or_else(strict)
        }
        Value::String(text) => sized(text.chars().count(), "minLength", "maxLength", "characters"),
        Value::Array(items) => sized(items.len(), "minItems", "maxItems", "items"),
        Value::Object(object) => sized(object.len(), "minProperties", "maxProperties", "properties"),
        _ => None,
    }
}

fn is_kind(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        _ => true,
    }
}

/// Whether two values are equal in JSON Schema, in which `1` equals `1.0`.
pub(super) fn is_equal(one: &Value, other: &Value) -> bool {
    one == other || (one.is_number() && one.as_f64().is_some() && one.as_f64() == other.as_f64())
}

#[cfg(test)]
mod tests {
    use jackfield_model::Schema;
    use serde_json::json;

    use super::*;

    #[test]
    fn value_that_violates_its_schema_is_detected() {
        let pool = Defs::from([(
            "Kind".to_owned(),
            Schema::new(
                json!({ "type": "string", "enum": ["a", "b"], "allOf": [{ "$ref": "#/$defs/Kind" }] }),
            ),
        )]);
        for (schema, fits, misfits) in [
            (json!({ "type": "string", "maxLength": 2 }), json!("ab"), json!("abc")),
            (json!({ "type": ["integer", "null"], "minimum": 1 }), json!(1), json!(0)),
            (json!({ "type": "integer" }), json!(1.0), json!(1.5)),
            (json!({ "$ref": "#/$defs/Kind" }), json!("b"), json!("c")),
            (json!({ "oneOf": [{ "type": "string" }, { "const": 1 }] }), json!(1), json!(2)),
            (json!({ "items": { "$ref": "#/$defs/Kind" }, "minItems": 1 }), json!(["a"]), json!(["a", "c"])),
            (json!({ "required": ["a"], "properties": { "a": false } }), json!(1), json!({ "a": 1 })),
            (
                json!({ "additionalProperties": false, "properties": { "a": {} } }),
                json!({ "a": 1 }),
                json!({ "b": 1 }),
            ),
            (json!({ "exclusiveMaximum": 3 }), json!(2), json!(3)),
        ] {
            assert_eq!(misfit(&schema, &fits, &pool, None), None, "{schema} {fits}");
            assert!(misfit(&schema, &misfits, &pool, None).is_some(), "{schema} {misfits}");
        }
        let check: ValueCheck = |schema, value| match (schema.get("$defs"), value.as_str()) {
            (Some(_), Some("a")) => Err("it is a".to_owned()),
            _ => Ok(()),
        };
        let found = misfit(&json!({ "$ref": "#/$defs/Kind" }), &json!("a"), &pool, Some(check));
        assert_eq!(found, Some("it is a".to_owned()));
    }
}
