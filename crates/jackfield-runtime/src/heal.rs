//! Arguments that say the right thing in the wrong type: JSON inside a text, a number as a text, null for "not given".
//!
//! Models do this, and the schema says what was meant. Nothing is guessed: a value is changed only where its type is one
//! that the schema does not take and the other spelling of the same value is; and the result is held against the schema
//! like any other. What was changed is said with the reply.

use serde_json::{Map, Value};

/// How deep values and references are followed.
const DEEPEST: usize = 32;

/// A schema of an object, with the definitions it refers to.
pub(crate) struct Healer<'s> {
    root: &'s Map<String, Value>,
    said: Vec<String>,
}

impl<'s> Healer<'s> {
    pub(crate) const fn new(root: &'s Map<String, Value>) -> Self {
        Self { root, said: Vec::new() }
    }

    /// Changes what can be, and says what was changed.
    pub(crate) fn heal(mut self, arguments: &mut Map<String, Value>) -> Vec<String> {
        let root = self.root;
        self.object(root, arguments, "", 0);
        self.said
    }

    fn object(
        &mut self,
        schema: &'s Map<String, Value>,
        object: &mut Map<String, Value>,
        path: &str,
        depth: usize,
    ) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties").filter(|schema| schema.is_object());
        let required = |name: &str| {
            let list = schema.get("required").and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(|required| required == name))
        };
        let mut absent = Vec::new();
        for (name, value) in object.iter_mut() {
            let declared = properties.and_then(|properties| properties.get(name));
            let Some(child) = declared.or(others) else { continue };
            let path = format!("{path}/{name}");
            if value.is_null() && !required(name) && !self.types(child, 0).has(value) {
                self.said.push(format!("`{path}` was null, and is taken as not given"));
                absent.push(name.clone());
            } else {
                self.value(child, value, &path, depth + 1);
            }
        }
        absent.iter().for_each(|name| drop(object.shift_remove(name)));
    }

    fn value(&mut self, schema: &'s Value, value: &mut Value, path: &str, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let types = self.types(schema, 0);
        if !types.has(value)
            && let Some(other) = respelled(value, types)
        {
            self.said.push(format!("`{path}` was {}, and is taken as {}", kind(value), kind(&other)));
            *value = other;
        }
        let Some(schema) = self.resolve(schema, 0) else { return };
        match value {
            Value::Object(object) => self.object(schema, object, path, depth),
            Value::Array(items) => {
                let Some(each) = schema.get("items") else { return };
                for (at, item) in items.iter_mut().enumerate() {
                    self.value(each, item, &format!("{path}/{at}"), depth + 1);
                }
            }
            _ => {}
        }
    }

    /// The schema behind references and behind a union whose only other alternative is null.
    fn resolve(&self, schema: &'s Value, depth: usize) -> Option<&'s Map<String, Value>> {
        let map = schema.as_object().filter(|_| depth < DEEPEST)?;
        if let Some(target) = map.get("$ref").and_then(Value::as_str) {
            let name = target.strip_prefix("#/$defs/")?;
            return self.resolve(self.root.get("$defs")?.get(name)?, depth + 1);
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            let Some(Value::Array(parts)) = map.get(key).filter(|_| !map.contains_key("properties")) else {
                continue;
            };
            let mut parts = parts.iter().filter(|part| part.get("type").is_none_or(|it| it != "null"));
            if let (Some(only), None) = (parts.next(), parts.next()) {
                return self.resolve(only, depth + 1);
            }
        }
        Some(map)
    }

    /// The types that a schema takes.
    fn types(&self, schema: &Value, depth: usize) -> Types {
        let Some(map) = schema.as_object().filter(|_| depth < DEEPEST) else { return Types::ALL };
        let mut types = match map.get("type") {
            Some(Value::String(name)) => Types::named(name),
            Some(Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).map(Types::named).fold(Types(0), Types::or)
            }
            _ => Types::ALL,
        };
        if let Some(Value::Array(values)) = map.get("enum") {
            types = types.and(values.iter().map(Types::of).fold(Types(0), Types::or));
        }
        if let Some(value) = map.get("const") {
            types = types.and(Types::of(value));
        }
        if let Some(target) = map.get("$ref").and_then(Value::as_str)
            && let Some(target) = target.strip_prefix("#/$defs/")
            && let Some(target) = self.root.get("$defs").and_then(|defs| defs.get(target))
        {
            types = types.and(self.types(target, depth + 1));
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(Value::Array(parts)) = map.get(key) {
                let any = parts.iter().map(|part| self.types(part, depth + 1)).fold(Types(0), Types::or);
                types = types.and(any);
            }
        }
        if let Some(Value::Array(parts)) = map.get("allOf") {
            types = parts.iter().map(|part| self.types(part, depth + 1)).fold(types, Types::and);
        }
        types
    }
}

/// The same value in a type that is taken; none where there is no such.
fn respelled(value: &Value, types: Types) -> Option<Value> {
    match value {
        Value::String(text) => {
            let parsed: Value = serde_json::from_str(text.trim()).ok()?;
            (types.has(&parsed) && (!parsed.is_number() || is_exact(text))).then_some(parsed)
        }
        // Of a number that is not whole nobody knows how it was spelled: `1.10` came as `1.1`.
        Value::Number(number) if !number.is_i64() && !number.is_u64() => None,
        Value::Number(_) | Value::Bool(_) => types.has_text().then(|| value.to_string().into()),
        _ => None,
    }
}

/// Whether a number has no more digits than survive.
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
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A set of the types of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Types(u8);

impl Types {
    const ALL: Self = Self(0x7F);
    const TEXT: Self = Self(8);
    const INTEGER: Self = Self(4);

    fn named(name: &str) -> Self {
        match name {
            "null" => Self(1),
            "boolean" => Self(2),
            "integer" => Self::INTEGER,
            "number" => Self(4 | 64),
            "string" => Self::TEXT,
            "array" => Self(16),
            "object" => Self(32),
            _ => Self::ALL,
        }
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self(1),
            Value::Bool(_) => Self(2),
            Value::Number(number) => {
                let whole =
                    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|n| n.fract() == 0.0);
                if whole { Self::INTEGER } else { Self(64) }
            }
            Value::String(_) => Self::TEXT,
            Value::Array(_) => Self(16),
            Value::Object(_) => Self(32),
        }
    }

    fn has(self, value: &Value) -> bool {
        self.0 & Self::of(value).0 != 0
    }

    const fn has_text(self) -> bool {
        self.0 & Self::TEXT.0 != 0
    }

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn heal(schema: &Value, mut arguments: Value) -> (Value, Vec<String>) {
        let said = Healer::new(schema.as_object().unwrap()).heal(arguments.as_object_mut().unwrap());
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
    fn the_other_spelling_of_the_same_value() {
        let (healed, said) = heal(
            &schema(),
            json!({ "limit": "5", "deep": "true", "id": 7, "tags": "[\"a\", 1]", "book": "{\"pages\": \"12\"}" }),
        );
        let wanted =
            json!({ "limit": 5, "deep": true, "id": "7", "tags": ["a", "1"], "book": { "pages": 12 } });
        assert_eq!(healed, wanted);
        assert_eq!(said.len(), 7);
        assert_eq!(said[0], "`/limit` was a text, and is taken as a number");
    }

    #[test]
    fn null_is_not_given() {
        let (healed, said) =
            heal(&schema(), json!({ "limit": null, "id": null, "note": null, "book": null }));
        assert_eq!(
            healed,
            json!({ "id": null, "note": null, "book": null }),
            "what is required is not dropped"
        );
        assert_eq!(said, ["`/limit` was null, and is taken as not given"]);
    }

    #[test]
    fn what_fits_is_left_alone() {
        let given =
            json!({ "limit": 5.0, "id": "5", "either": "{}", "open": "5", "tags": ["1"], "unknown": "2" });
        assert_eq!(heal(&schema(), given.clone()), (given, Vec::new()));
    }

    #[test]
    fn what_cannot_be_is_left_alone() {
        let long = json!({ "limit": "12345678901234567890123", "id": 1.1, "tags": [1e22] });
        assert_eq!(heal(&schema(), long.clone()), (long, Vec::new()), "digits would be lost");
        let given = json!({ "limit": "five", "deep": "yes", "id": [1], "tags": "a, b", "book": "{" });
        assert_eq!(heal(&schema(), given.clone()), (given, Vec::new()));
    }

    #[test]
    fn references_that_go_in_circles_end() {
        let schema = json!({
            "type": "object",
            "properties": { "a": { "$ref": "#/$defs/A" } },
            "$defs": { "A": { "anyOf": [{ "$ref": "#/$defs/A" }, { "type": "integer" }] } },
        });
        let (healed, _) = heal(&schema, json!({ "a": "1" }));
        assert!(healed == json!({ "a": 1 }) || healed == json!({ "a": "1" }));
    }
}
