//! Short descriptions of schemas, and sample values.

use std::fmt;

use serde_json::{Map, Value};

/// The maximum number of levels of arrays and references to follow.
const DEEPEST: usize = 6;
/// The maximum number of values of an enumeration that are shown, and of characters of each value.
const VALUES: usize = 12;
const LONGEST: usize = 60;
/// The maximum number of values in a sample.
const MOST_SAMPLES: usize = 200;

/// The type of a schema in words: `string`, `list of integer`, `"asc" or "desc"`.
pub(crate) struct Shape<'s> {
    pub(crate) schema: &'s Value,
    /// The schema whose `$defs` contains the referenced schemas.
    pub(crate) root: &'s Map<String, Value>,
}

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&describe(self.schema, self.root, 0))
    }
}

fn describe(schema: &Value, root: &Map<String, Value>, depth: usize) -> String {
    let Some(schema) = resolve(schema, root).and_then(Value::as_object).filter(|_| depth < DEEPEST) else {
        return "any JSON".to_owned();
    };
    if let Some(value) = schema.get("const") {
        return shortened(value);
    }
    if let Some(Value::Array(values)) = schema.get("enum") {
        let mut shown: Vec<String> = values.iter().take(VALUES).map(shortened).collect();
        if values.len() > VALUES {
            shown.push(format!("{} more", values.len() - VALUES));
        }
        return shown.join(" or ");
    }
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ if schema.contains_key("properties") => vec!["object"],
        _ => Vec::new(),
    };
    if types.is_empty() {
        let forms = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key)?.as_array());
        return match forms {
            None => "any JSON".to_owned(),
            Some(forms) => {
                let mut words: Vec<String> = Vec::new();
                for form in forms.iter().take(VALUES) {
                    let word = describe(form, root, depth + 1);
                    if !words.contains(&word) {
                        words.push(word);
                    }
                }
                words.join(" or ")
            }
        };
    }
    let word = |kind: &str| match kind {
        "array" => match schema.get("items") {
            Some(items) => format!("list of {}", describe(items, root, depth + 1)),
            None => "list".to_owned(),
        },
        other => other.to_owned(),
    };
    types.iter().map(|kind| word(kind)).collect::<Vec<_>>().join(" or ")
}

/// Returns the required arguments with sample values.
pub(crate) fn sample(input: &Map<String, Value>) -> Map<String, Value> {
    Sampler { root: input, left: MOST_SAMPLES }.object(input, 0)
}

/// Creates sample values, at most [`MOST_SAMPLES`]. A few schemas can refer to each other so often that a
/// complete sample would not fit into memory.
struct Sampler<'s> {
    root: &'s Map<String, Value>,
    left: usize,
}

impl<'s> Sampler<'s> {
    fn object(&mut self, schema: &'s Map<String, Value>, depth: usize) -> Map<String, Value> {
        let properties = schema.get("properties").and_then(Value::as_object);
        let mut sample = Map::new();
        for name in required(schema) {
            let value = match properties.and_then(|properties| properties.get(name)) {
                Some(schema) => self.value(schema, depth + 1),
                None => Value::from("…"),
            };
            sample.insert(name.to_owned(), value);
        }
        sample
    }

    fn value(&mut self, schema: &'s Value, depth: usize) -> Value {
        let Some(left) = self.left.checked_sub(1) else { return Value::from("…") };
        self.left = left;
        let resolved = resolve(schema, self.root).and_then(Value::as_object);
        let Some(schema) = resolved.filter(|_| depth < DEEPEST) else { return Value::from("…") };
        let said = ["const", "example", "default"].iter().find_map(|key| schema.get(*key));
        let first = || ["examples", "enum"].iter().find_map(|key| schema.get(*key)?.as_array()?.first());
        if let Some(value) = said.or_else(first) {
            return value.clone();
        }
        if let Some(form) = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key)?.as_array()?.first()) {
            return self.value(form, depth + 1);
        }
        let kind = match schema.get("type") {
            Some(Value::Array(several)) => several.iter().find_map(Value::as_str),
            one => one.and_then(Value::as_str),
        };
        match kind {
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| 1.into()),
            Some("boolean") => true.into(),
            Some("array") => {
                let item = schema.get("items").map(|items| self.value(items, depth + 1));
                Value::Array(item.into_iter().collect())
            }
            Some("object") => Value::Object(self.object(schema, depth)),
            _ => Value::from("…"),
        }
    }
}

/// Returns the required properties of an object.
pub(crate) fn required(schema: &Map<String, Value>) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Returns the schema that a reference names, or the schema itself.
pub(crate) fn resolve<'s>(schema: &'s Value, root: &'s Map<String, Value>) -> Option<&'s Value> {
    let mut schema = schema;
    for _ in 0..DEEPEST {
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { return Some(schema) };
        schema = root.get("$defs")?.get(reference.strip_prefix("#/$defs/")?)?;
    }
    None
}

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn schema_type_is_described_in_words() {
        let root = json!({ "$defs": {
            "Order": { "type": "object" },
            "Loop": { "type": "array", "items": { "$ref": "#/$defs/Loop" } },
        } });
        let root = root.as_object().unwrap();
        for (schema, words) in [
            (json!({ "type": "string" }), "string"),
            (json!({ "type": ["integer", "null"] }), "integer or null"),
            (json!({ "type": "array", "items": { "$ref": "#/$defs/Order" } }), "list of object"),
            (json!({ "enum": ["asc", "desc"] }), r#""asc" or "desc""#),
            (
                json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }, { "type": "string" }] }),
                "string or integer",
            ),
            (json!({}), "any JSON"),
        ] {
            assert_eq!(Shape { schema: &schema, root }.to_string(), words);
        }
        let circle = Shape { schema: &json!({ "$ref": "#/$defs/Loop" }), root }.to_string();
        assert!(circle.starts_with("list of list of"), "{circle}");
    }

    #[test]
    fn example_call_contains_only_required_arguments() {
        let input = json!({
            "required": ["id", "limit", "items"],
            "properties": {
                "id": { "type": "string", "examples": ["bk_0117"] },
                "limit": { "type": "integer" },
                "items": { "type": "array", "items": {
                    "type": "object", "required": ["sku"], "properties": { "sku": { "type": "string" } },
                } },
                "page": { "type": "integer" },
            },
        });
        let sample = Value::Object(sample(input.as_object().unwrap()));
        assert_eq!(sample, json!({ "id": "bk_0117", "limit": 1, "items": [{ "sku": "…" }] }));
    }
}
