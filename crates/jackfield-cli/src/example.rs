//! Creates example arguments for a tool. The values are readable and match most schemas.

mod pattern;

use serde_json::{Map, Value, json};

use pattern::matching;

/// The maximum nesting of objects and arrays.
const DEEPEST: usize = 6;
/// The maximum number of values in an example. A few schemas can refer to each other so often that a complete example
/// would not fit into memory.
const MOST_VALUES: usize = 120;
/// The maximum length of a chain of references that is followed.
const MOST_REFERENCES: usize = 8;
/// The maximum number of characters of a text.
const LONGEST: u64 = 200;

/// Returns the required arguments of a tool with example values.
pub(crate) fn arguments(input: &Value) -> Map<String, Value> {
    let mut sampler = Sampler { root: input, left: MOST_VALUES };
    sampler.object(input, 0)
}

struct Sampler<'s> {
    root: &'s Value,
    left: usize,
}

impl<'s> Sampler<'s> {
    fn object(&mut self, schema: &'s Value, depth: usize) -> Map<String, Value> {
        let mut sample = Map::new();
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for name in required {
            if self.left == 0 {
                break;
            }
            let value = self.value(name, &schema["properties"][name], depth + 1);
            sample.insert(name.to_owned(), value);
        }
        sample
    }

    fn value(&mut self, name: &str, schema: &'s Value, depth: usize) -> Value {
        self.left = self.left.saturating_sub(1);
        let schema = self.resolved(schema);
        let stated = ["const", "example", "default"].into_iter().find_map(|key| schema.get(key));
        let first = || ["examples", "enum"].into_iter().find_map(|key| schema.get(key)?.get(0));
        if let Some(value) = stated.or_else(first) {
            return value.clone();
        }
        if depth >= DEEPEST || self.left == 0 {
            return json!("…");
        }
        let branch =
            || ["oneOf", "anyOf", "allOf"].into_iter().find_map(|key| schema.get(key)?.as_array()?.first());
        let kind = match &schema["type"] {
            Value::Array(several) => several.first().and_then(Value::as_str),
            one => one.as_str(),
        };
        match (kind, branch()) {
            (None | Some("object"), Some(branch)) if schema.get("properties").is_none() => {
                self.value(name, branch, depth + 1)
            }
            (Some("integer" | "number"), _) => number(schema),
            (Some("boolean"), _) => true.into(),
            (Some("null"), _) => Value::Null,
            (Some("array"), _) => {
                let least = schema["minItems"].as_u64().unwrap_or(1).clamp(1, 3);
                (0..least).map(|_| self.value(name, &schema["items"], depth + 1)).collect()
            }
            (Some("object"), _) => Value::Object(self.object(schema, depth)),
            (None, _) if schema.get("properties").is_some() => Value::Object(self.object(schema, depth)),
            _ => text(name, schema).into(),
        }
    }

    fn resolved(&self, schema: &'s Value) -> &'s Value {
        let mut schema = schema;
        for _ in 0..MOST_REFERENCES {
            let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { break };
            let name = reference.strip_prefix("#/$defs/").unwrap_or_default();
            schema = &self.root["$defs"][name];
        }
        schema
    }
}

fn number(schema: &Value) -> Value {
    let (least, most) = (schema["minimum"].as_i64(), schema["maximum"].as_i64());
    match (least, most) {
        (Some(least), _) if least > 1 => least.into(),
        (_, Some(most)) if most < 1 => most.into(),
        _ => 1.into(),
    }
}

/// Returns a string in the `format` of the schema, or else the name of the property.
fn text(name: &str, schema: &Value) -> String {
    let known = match schema["format"].as_str().unwrap_or_default() {
        "date-time" => Some("2025-01-31T09:30:00Z"),
        "date" => Some("2025-01-31"),
        "time" => Some("09:30:00Z"),
        "duration" => Some("P1D"),
        "email" | "idn-email" => Some("reader@example.com"),
        "uri" | "url" | "iri" | "uri-reference" => Some("https://example.com/"),
        "hostname" => Some("example.com"),
        "uuid" => Some("123e4567-e89b-42d3-a456-426614174000"),
        "ipv4" => Some("192.0.2.1"),
        "ipv6" => Some("2001:db8::1"),
        "byte" => Some("ZXhhbXBsZQ=="),
        _ => None,
    };
    if let Some(known) = known {
        return known.to_owned();
    }
    let least = schema["minLength"].as_u64().unwrap_or(0).min(LONGEST);
    let repeats = usize::try_from(least).unwrap_or(1).max(1);
    let fitting = schema["pattern"].as_str().and_then(|pattern| {
        let most = schema["maxLength"].as_u64().unwrap_or(u64::MAX);
        let fits = |text: &String| (least..=most).contains(&(text.chars().count() as u64));
        [1, repeats].into_iter().filter_map(|repeats| matching(pattern, repeats)).find(fits)
    });
    if let Some(fitting) = fitting {
        return fitting;
    }
    let mut text: String = if name.is_empty() { "text".to_owned() } else { name.to_owned() };
    let count = text.chars().count() as u64;
    text.extend((count..least).map(|_| 'x'));
    match schema["maxLength"].as_u64() {
        Some(most) if most < text.chars().count() as u64 => {
            text.chars().take(usize::try_from(most).unwrap_or(usize::MAX)).collect()
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn example_has_required_arguments_with_readable_values() {
        let input = json!({
            "type": "object", "required": ["owner", "sort", "since", "page", "labels", "place", "id"],
            "properties": {
                "owner": { "type": "string" },
                "sort": { "enum": ["new", "old"] },
                "since": { "type": "string", "format": "date" },
                "page": { "type": "integer", "minimum": 3 },
                "labels": { "type": "array", "items": { "type": "string", "maxLength": 3 } },
                "place": { "$ref": "#/$defs/Place" },
                "id": { "type": "string", "pattern": "^bk_[0-9]+$" },
                "other": { "type": "string" },
            },
            "$defs": { "Place": { "type": "object", "required": ["in"], "properties": { "in": { "$ref": "#/$defs/Place" } } } },
        });
        let sample = Value::Object(arguments(&input));
        assert_eq!(sample["owner"], "owner");
        assert_eq!(sample["sort"], "new");
        assert_eq!(sample["since"], "2025-01-31");
        assert_eq!(sample["page"], 3);
        assert_eq!(sample["id"], "bk_0");
        assert_eq!(sample["labels"], json!(["lab"]));
        assert!(sample["place"]["in"].is_object(), "{sample}");
        assert!(sample.get("other").is_none());
    }

    #[test]
    fn example_of_mutually_recursive_schemas_is_small() {
        let names: Vec<String> = (0..20).map(|n| format!("p{n}")).collect();
        let properties: Map<String, Value> =
            names.iter().map(|name| (name.clone(), json!({ "$ref": "#/$defs/Wide" }))).collect();
        let wide = json!({ "type": "object", "required": names, "properties": properties });
        let input = json!({ "type": "object", "required": ["a"], "properties": { "a": { "$ref": "#/$defs/Wide" } }, "$defs": { "Wide": wide } });
        assert!(Value::Object(arguments(&input)).to_string().len() < 10_000);
    }
}
