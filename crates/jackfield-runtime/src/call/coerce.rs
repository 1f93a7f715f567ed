//! Coerces arguments whose value is right but whose JSON type is wrong: JSON in a string, a number as a
//! string, null for an absent argument.
//!
//! Models send such values, and the schema says which type is meant. A value is coerced only if the schema does not accept
//! its type but accepts the same value in the other type. The result is then validated like any other arguments, and the
//! reply lists the coerced arguments.
//!
//! Each value is visited once. The types that a schema accepts are computed once, even if many references lead to the
//! schema. All steps count against the budget of the call.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::call::types::Types;
use crate::call::validate::{Budget, Exhausted, Schema};

/// The maximum depth of values and references.
const DEEPEST: usize = 32;
/// The maximum number of coerced arguments that the note lists.
const TOLD: usize = 10;

/// Coerces arguments to the types in their schema.
pub(crate) struct Coercion<'s, 'b> {
    schema: &'s Schema,
    budget: &'b mut Budget,
    /// The types that each schema accepts. The key is the memory address of the schema.
    known: HashMap<usize, Known>,
    open: usize,
    said: Vec<String>,
    changes: usize,
}

#[derive(Clone, Copy)]
enum Known {
    Types(Types),
    /// The types of the schema are being computed, at this depth.
    Open(usize),
}

/// The types that a schema accepts, as far as they are known.
#[derive(Clone, Copy)]
struct Taken {
    types: Types,
    /// Whether the schema refers back to a schema whose types are still being computed. As an alternative of that schema, it adds no types.
    is_circular: bool,
    /// The depth of the outermost schema in computation that this result depends on.
    relied_on: usize,
}

impl<'s, 'b> Coercion<'s, 'b> {
    pub(crate) fn new(schema: &'s Schema, budget: &'b mut Budget) -> Self {
        Self { schema, budget, known: HashMap::new(), open: 0, said: Vec::new(), changes: 0 }
    }

    /// Coerces the arguments in place. Returns a sentence for each coerced argument.
    pub(crate) fn coerce(mut self, arguments: &mut Value) -> Result<Vec<String>, Exhausted> {
        if let (Value::Object(root), Value::Object(arguments)) = (self.schema.root(), arguments) {
            self.object(root, arguments, "", 0)?;
        }
        if self.changes > TOLD {
            self.said.push(format!("and {} more were coerced", self.changes - TOLD));
        }
        Ok(self.said)
    }

    fn say(&mut self, change: impl FnOnce() -> String) {
        self.changes += 1;
        if self.changes <= TOLD {
            self.said.push(change());
        }
    }

    fn object(
        &mut self,
        schema: &'s Map<String, Value>,
        object: &mut Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<(), Exhausted> {
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties").filter(|schema| schema.is_object());
        let required = schema.get("required").and_then(Value::as_array);
        self.budget.spend(required.map_or(0, Vec::len))?;
        let required: HashSet<&str> = required.into_iter().flatten().filter_map(Value::as_str).collect();
        let mut absent = HashSet::new();
        for (name, value) in object.iter_mut() {
            self.budget.spend(1)?;
            let declared = properties.and_then(|properties| properties.get(name));
            let Some(child) = declared.or(others) else { continue };
            let path = format!("{path}/{name}");
            if value.is_null() && !required.contains(name.as_str()) && !self.types(child)?.has(value) {
                self.say(|| format!("`{path}` was null, which counts as absent"));
                absent.insert(name.clone());
            } else {
                self.value(child, value, &path, depth + 1)?;
            }
        }
        if !absent.is_empty() {
            object.retain(|name, _| !absent.contains(name));
        }
        Ok(())
    }

    fn value(
        &mut self,
        schema: &'s Value,
        value: &mut Value,
        path: &str,
        depth: usize,
    ) -> Result<(), Exhausted> {
        self.budget.spend(1 + path.len() / 64)?;
        if depth > DEEPEST {
            return Ok(());
        }
        let types = self.types(schema)?;
        if !types.has(value)
            && let Some(other) = respelled(value, types)
        {
            self.say(|| format!("`{path}` was {}, sent as {}", kind(value), kind(&other)));
            *value = other;
        }
        let Some(schema) = self.resolve(schema)? else { return Ok(()) };
        match value {
            Value::Object(object) => self.object(schema, object, path, depth),
            Value::Array(items) => {
                let Some(each) = schema.get("items") else { return Ok(()) };
                for (at, item) in items.iter_mut().enumerate() {
                    self.value(each, item, &format!("{path}/{at}"), depth + 1)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Follows references, and unwraps a union whose only other alternative is null.
    fn resolve(&mut self, schema: &'s Value) -> Result<Option<&'s Map<String, Value>>, Exhausted> {
        let mut schema = schema;
        for _ in 0..DEEPEST {
            self.budget.spend(1)?;
            let Value::Object(map) = schema else { return Ok(None) };
            if let Some(target) = map.get("$ref").and_then(Value::as_str) {
                let Some(target) = self.schema.resolve(target) else { return Ok(None) };
                schema = target;
                continue;
            }
            let unions = ["anyOf", "oneOf", "allOf"].iter().filter(|_| !map.contains_key("properties"));
            let only = unions.filter_map(|key| only_part(map.get(*key)?)).next();
            match only {
                Some(part) => schema = part,
                None => return Ok(Some(map)),
            }
        }
        Ok(None)
    }

    /// Returns the types that a schema accepts.
    fn types(&mut self, schema: &'s Value) -> Result<Types, Exhausted> {
        Ok(self.taken(schema)?.types)
    }

    /// Returns the types that a schema accepts. If the types of this schema are already being computed, returns all types. The result is
    /// cached only if it depends on no unfinished computation.
    fn taken(&mut self, schema: &'s Value) -> Result<Taken, Exhausted> {
        self.budget.spend(1)?;
        let whole = |types| Taken { types, is_circular: false, relied_on: usize::MAX };
        let Some(map) = schema.as_object().filter(|_| self.open < DEEPEST) else {
            return Ok(whole(Types::ALL));
        };
        let address = std::ptr::from_ref(schema) as usize;
        match self.known.get(&address) {
            Some(Known::Types(types)) => return Ok(whole(*types)),
            Some(Known::Open(at)) => {
                return Ok(Taken { types: Types::ALL, is_circular: true, relied_on: *at });
            }
            None => {}
        }
        let here = self.open;
        self.known.insert(address, Known::Open(here));
        self.open += 1;
        let taken = self.taken_by(map)?;
        self.open -= 1;
        if taken.relied_on < here {
            self.known.remove(&address);
            return Ok(taken);
        }
        self.known.insert(address, Known::Types(taken.types));
        Ok(whole(taken.types))
    }

    fn taken_by(&mut self, map: &'s Map<String, Value>) -> Result<Taken, Exhausted> {
        let mut types = match map.get("type") {
            Some(Value::String(name)) => Types::named(name),
            Some(Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).map(Types::named).fold(Types::NONE, Types::or)
            }
            _ => Types::ALL,
        };
        if let Some(Value::Array(values)) = map.get("enum") {
            self.budget.spend(values.len())?;
            types = types.and(values.iter().map(Types::of).fold(Types::NONE, Types::or));
        }
        if let Some(value) = map.get("const") {
            types = types.and(Types::of(value));
        }
        let mut is_circular = false;
        let mut relied_on = usize::MAX;
        let target = map.get("$ref").and_then(Value::as_str).and_then(|target| self.schema.resolve(target));
        let all = map.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for part in target.into_iter().chain(all) {
            let part = self.taken(part)?;
            is_circular |= part.is_circular;
            relied_on = relied_on.min(part.relied_on);
            types = types.and(part.types);
        }
        for key in ["anyOf", "oneOf"] {
            let Some(Value::Array(parts)) = map.get(key) else { continue };
            let mut any: Option<Types> = None;
            for part in parts {
                let part = self.taken(part)?;
                relied_on = relied_on.min(part.relied_on);
                if !part.is_circular {
                    any = Some(any.map_or(part.types, |any| any.or(part.types)));
                }
            }
            is_circular |= any.is_none();
            types = types.and(any.unwrap_or(Types::ALL));
        }
        Ok(Taken { types, is_circular, relied_on })
    }
}

/// Returns the only alternative of a union that accepts values other than null.
fn only_part(parts: &Value) -> Option<&Value> {
    let mut parts = parts.as_array()?.iter().filter(|part| part.get("type").is_none_or(|it| it != "null"));
    match (parts.next(), parts.next()) {
        (only, None) => only,
        _ => None,
    }
}

/// Converts a value to an accepted type. `None` if no accepted type can express the value.
fn respelled(value: &Value, types: Types) -> Option<Value> {
    match value {
        Value::String(text) => {
            let parsed: Value = serde_json::from_str(text.trim()).ok()?;
            (types.has(&parsed) && (!parsed.is_number() || is_exact(text))).then_some(parsed)
        }
        // The original spelling of a fraction is unknown, because `1.10` is parsed as `1.1`.
        Value::Number(number) if !number.is_i64() && !number.is_u64() => None,
        Value::Number(_) | Value::Bool(_) => types.has_any(Types::TEXT).then(|| value.to_string().into()),
        _ => None,
    }
}

/// Whether a number has so few digits that a double keeps all of them.
fn is_exact(text: &str) -> bool {
    let text = text.trim();
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    digits <= 15 || text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok()
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::validate::OneOf;
    use serde_json::json;

    fn coerce(schema: &Value, mut arguments: Value) -> (Value, Vec<String>) {
        let schema = Schema::new(schema.clone(), OneOf::AtLeast);
        let said = Coercion::new(&schema, &mut Budget::of(10_000)).coerce(&mut arguments).unwrap();
        (arguments, said)
    }

    fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "limit": { "type": "integer" },
                "deep": { "type": "boolean" },
                "id": { "type": "string" },
                "tags": { "type": "array", "items": { "type": "string" } },
                "book": { "$ref": "#/$defs/Book" },
                "either": { "anyOf": [{ "type": "string" }, { "type": "object" }] },
                "open": {},
                "note": { "type": ["string", "null"] },
            },
            "required": ["id"],
            "$defs": {
                "Book": { "anyOf": [{ "type": "null" }, { "$ref": "#/$defs/Bound" }] },
                "Bound": { "type": "object", "properties": { "pages": { "type": "integer" } } },
            },
        })
    }

    #[test]
    fn value_in_the_wrong_type_is_coerced() {
        let (coerced, said) = coerce(
            &schema(),
            json!({ "limit": "5", "deep": "true", "id": 7, "tags": "[\"a\", 1]", "book": "{\"pages\": \"12\"}" }),
        );
        let wanted =
            json!({ "limit": 5, "deep": true, "id": "7", "tags": ["a", "1"], "book": { "pages": 12 } });
        assert_eq!(coerced, wanted);
        assert_eq!(said.len(), 7);
        assert_eq!(said[0], "`/limit` was a string, sent as a number");
    }

    #[test]
    fn null_for_an_optional_property_is_dropped() {
        let (coerced, said) =
            coerce(&schema(), json!({ "limit": null, "id": null, "note": null, "book": null }));
        assert_eq!(
            coerced,
            json!({ "id": null, "note": null, "book": null }),
            "a required property is not dropped"
        );
        assert_eq!(said, ["`/limit` was null, which counts as absent"]);
    }

    #[test]
    fn value_of_an_accepted_type_is_not_coerced() {
        let given =
            json!({ "limit": 5.0, "id": "5", "either": "{}", "open": "5", "tags": ["1"], "unknown": "2" });
        assert_eq!(coerce(&schema(), given.clone()), (given, Vec::new()));
    }

    #[test]
    fn value_without_an_exact_equivalent_is_not_coerced() {
        let long = json!({ "limit": "12345678901234567890123", "id": 1.1, "tags": [1e22] });
        assert_eq!(coerce(&schema(), long.clone()), (long, Vec::new()), "digits would be lost");
        let given = json!({ "limit": "five", "deep": "yes", "id": [1], "tags": "a, b", "book": "{" });
        assert_eq!(coerce(&schema(), given.clone()), (given, Vec::new()));
    }

    #[test]
    fn value_of_a_circular_alias_is_coerced_to_the_alternative_without_a_cycle() {
        let circles = (0..7).map(|at| json!({ "allOf": [{ "$ref": "#/$defs/A" }], "description": at }));
        let parts: Vec<Value> = circles.chain([json!({ "type": "integer" })]).collect();
        let schema = json!({
            "type": "object",
            "properties": { "a": { "$ref": "#/$defs/A" }, "b": { "$ref": "#/$defs/B" } },
            "$defs": { "A": { "anyOf": parts }, "B": { "allOf": [{ "$ref": "#/$defs/B" }], "type": "string" } },
        });
        assert_eq!(coerce(&schema, json!({ "a": "1", "b": 2 })).0, json!({ "a": 1, "b": "2" }));
    }

    #[test]
    fn coercion_of_exponential_schema_aliases_stops_at_the_step_budget() {
        let names: Vec<String> = (0..12).map(|at| format!("A{at}")).collect();
        let all: Vec<Value> = names.iter().map(|name| json!({ "$ref": format!("#/$defs/{name}") })).collect();
        let defs: Map<String, Value> =
            names.iter().map(|name| (name.clone(), json!({ "anyOf": all }))).collect();
        let schema = json!({ "properties": { "a": { "$ref": "#/$defs/A0" } }, "$defs": defs });
        let schema = Schema::new(schema, OneOf::AtLeast);
        let mut budget = Budget::of(100_000);
        assert_eq!(Coercion::new(&schema, &mut budget).coerce(&mut json!({ "a": "1" })), Err(Exhausted));
        assert_eq!(budget.left(), 0);
    }

    #[test]
    fn chain_of_schema_references_beyond_the_depth_limit_is_not_followed() {
        let mut defs = Map::new();
        for at in 0..100_000 {
            defs.insert(format!("A{at}"), json!({ "$ref": format!("#/$defs/A{}", at + 1) }));
        }
        let schema = json!({ "properties": { "a": { "$ref": "#/$defs/A0" } }, "$defs": defs });
        assert_eq!(coerce(&schema, json!({ "a": "1" })).1, Vec::<String>::new());
    }

    #[test]
    fn note_lists_only_the_first_coerced_arguments() {
        let schema = json!({ "properties": { "a": { "items": { "type": "integer" } } } });
        let (coerced, said) = coerce(&schema, json!({ "a": vec!["1"; 500] }));
        assert_eq!(coerced, json!({ "a": vec![1; 500] }));
        assert_eq!(said.len(), TOLD + 1);
        assert_eq!(said[TOLD], "and 490 more were coerced");
    }
}
