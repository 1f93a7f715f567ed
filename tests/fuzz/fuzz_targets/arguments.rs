//! Builds requests from the arguments of a call: any schema and arguments are bound or refused, within limits
//! of memory and time. The bytes select keywords and values, so that nearly all inputs produce valid schemas.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices { bytes, parts: 2_000 };
    let Value::Object(mut schema) = choices.object_schema(0) else { return };
    let defs: Map<String, Value> = (0..4).map(|at| (format!("D{at}"), choices.schema(1))).collect();
    schema.insert("$defs".to_owned(), defs.into());
    let arguments: Map<String, Value> =
        (0..choices.below(6)).map(|_| (choices.name(), choices.value(0))).collect();
    let _ = jackfield_runtime::try_arguments(schema, arguments);
});

/// Turns the bytes into choices. After the last byte, the first choice is always taken.
struct Choices<'b> {
    bytes: &'b [u8],
    /// The maximum number of schemas and values to create, because a short input can describe a large schema.
    parts: usize,
}

impl Choices<'_> {
    fn below(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % count
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn is_spent(&mut self, depth: usize) -> bool {
        self.parts = self.parts.saturating_sub(1);
        self.parts == 0 || depth > 24 || self.bytes.is_empty()
    }

    fn name(&mut self) -> String {
        self.one_of(&["a", "b", "c", "ab", "aa", "bc", "a/b", "~", "", "é"]).to_owned()
    }

    fn text(&mut self) -> String {
        let text = self.one_of(&[
            "",
            "a",
            "b",
            "1",
            "-7",
            "1.5",
            "true",
            "null",
            "[1]",
            "{\"a\":\"1\"}",
            "é",
            "\u{202e}",
            "a\r\nb",
        ]);
        let times = [1, 1, 1, 2, 30, 2_000][self.below(6)];
        // A long text counts as several parts, because many long texts would take too much memory and time.
        let times = times.min(self.parts.max(1));
        self.parts -= times.min(self.parts);
        text.repeat(times)
    }

    fn number(&mut self) -> Value {
        let all = [
            json!(0),
            json!(1),
            json!(-1),
            json!(2),
            json!(0.5),
            json!(1e300),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(1e-300),
            json!(0.1),
        ];
        all[self.below(all.len())].clone()
    }

    fn value(&mut self, depth: usize) -> Value {
        if self.is_spent(depth) {
            return Value::Null;
        }
        match self.below(9) {
            0 => Value::Null,
            1 => (self.below(2) == 0).into(),
            2 => self.number(),
            3 | 4 => self.text().into(),
            5 | 6 => (0..self.below(5)).map(|_| self.value(depth + 1)).collect(),
            7 => {
                (0..self.below(5)).map(|_| (self.name(), self.value(depth + 1))).collect::<Map<_, _>>().into()
            }
            // The items are equal, and their number is limited, because nested repetitions multiply.
            _ => {
                let value = self.value(depth + 1);
                let times = [2, 20, 200][self.below(3)].min(self.parts / parts_of(&value));
                self.parts -= times * parts_of(&value);
                vec![value; times].into()
            }
        }
    }

    fn object_schema(&mut self, depth: usize) -> Value {
        let mut schema: Map<String, Value> = (0..self.below(6)).map(|_| self.keyword(depth)).collect();
        let properties: Map<String, Value> =
            (0..self.below(5)).map(|_| (self.name(), self.schema(depth + 1))).collect();
        schema.insert("properties".to_owned(), properties.into());
        schema.into()
    }

    fn schema(&mut self, depth: usize) -> Value {
        if self.is_spent(depth) {
            return json!({});
        }
        match self.below(8) {
            0 => (self.below(2) == 0).into(),
            1 => json!({ "$ref": format!("#/$defs/D{}", self.below(5)) }),
            2 => self.value(depth),
            3 => self.object_schema(depth),
            _ => (0..self.below(4)).map(|_| self.keyword(depth)).collect::<Map<_, _>>().into(),
        }
    }

    fn keyword(&mut self, depth: usize) -> (String, Value) {
        let depth = depth + 1;
        let key = self.one_of(&[
            "type",
            "enum",
            "const",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "multipleOf",
            "minLength",
            "maxLength",
            "pattern",
            "minItems",
            "maxItems",
            "uniqueItems",
            "minProperties",
            "required",
            "dependentRequired",
            "allOf",
            "anyOf",
            "oneOf",
            "prefixItems",
            "not",
            "if",
            "then",
            "else",
            "items",
            "contains",
            "minContains",
            "maxContains",
            "additionalProperties",
            "propertyNames",
            "unevaluatedProperties",
            "unevaluatedItems",
            "properties",
            "patternProperties",
            "dependentSchemas",
            "$ref",
            "$anchor",
            "format",
            "anyOf",
            "allOf",
            "$ref",
        ]);
        let operand = match key {
            "type" => self
                .one_of(&["null", "boolean", "integer", "number", "string", "array", "object", "any"])
                .into(),
            "enum" | "required" => (0..self.below(4)).map(|_| self.value(depth)).collect(),
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                (0..self.below(9)).map(|_| self.schema(depth)).collect()
            }
            "properties" | "dependentSchemas" => {
                (0..self.below(4)).map(|_| (self.name(), self.schema(depth))).collect::<Map<_, _>>().into()
            }
            "patternProperties" => {
                (0..self.below(3)).map(|_| (self.pattern(), self.schema(depth))).collect::<Map<_, _>>().into()
            }
            "dependentRequired" => json!({ self.name(): [self.name()] }),
            "pattern" => self.pattern().into(),
            "$ref" => format!("#/$defs/D{}", self.below(5)).into(),
            "const" | "format" | "$anchor" => self.value(depth),
            "not"
            | "if"
            | "then"
            | "else"
            | "items"
            | "contains"
            | "additionalProperties"
            | "propertyNames"
            | "unevaluatedProperties"
            | "unevaluatedItems" => self.schema(depth),
            _ => self.number(),
        };
        (key.to_owned(), operand)
    }

    fn pattern(&mut self) -> String {
        let parts = [
            "a", "b", ".", "(", ")", "*", "+", "?", "|", "^", "$", "[a-c]", "[^a]", "(?:", "(?=", "(?!",
            "{2,9}", "{3}", "\\w", "\\b", "\\p{L}", "(a+)+", "(a|a)*",
        ];
        (0..self.below(10)).map(|_| self.one_of(&parts)).collect()
    }
}

/// Returns the number of values in a value, including the value itself.
fn parts_of(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(parts_of).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(parts_of).sum::<usize>(),
        _ => 1,
    }
}
