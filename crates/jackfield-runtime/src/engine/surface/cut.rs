//! Truncates schemas, so that a model can read them step by step.

use serde_json::{Map, Value, json};

/// The maximum number of bytes of a schema that is shown completely: about 400 tokens.
const ENOUGH: usize = 1_500;
/// The number of enumeration values that a truncated schema keeps.
const MOST_VALUES: usize = 12;

/// A schema, and which parts of it were left out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CutSchema {
    pub(super) schema: Value,
    /// Whether `$defs` was left out, so that `describe_tool` has to show the referenced schemas.
    pub(super) lacks_definitions: bool,
    /// Whether nested schemas, descriptions or values were left out.
    pub(super) lacks_parts: bool,
}

/// The parts of a schema that are kept.
#[derive(Clone, Copy)]
struct Measure {
    /// The number of levels of objects that are kept.
    levels: usize,
    /// The maximum number of characters in descriptions of required and of optional properties.
    required_text: usize,
    optional_text: usize,
    /// Whether optional properties keep more than their type.
    optional_details: bool,
}

const WHOLE: Measure = Measure {
    levels: usize::MAX,
    required_text: usize::MAX,
    optional_text: usize::MAX,
    optional_details: true,
};

/// The levels of truncation, from the least to the most.
const MEASURES: [Measure; 8] = [
    WHOLE,
    Measure { levels: 3, ..WHOLE },
    Measure { levels: 2, ..WHOLE },
    Measure { levels: 1, ..WHOLE },
    Measure { levels: 1, required_text: 200, optional_text: 80, optional_details: true },
    Measure { levels: 1, required_text: 120, optional_text: 40, optional_details: true },
    Measure { levels: 1, required_text: 120, optional_text: 0, optional_details: true },
    Measure { levels: 1, required_text: 80, optional_text: 0, optional_details: false },
];

/// Returns the least truncated version of a schema that is small enough, or the most truncated version if none is small enough.
pub(super) fn cut(schema: &Value, defs: Option<&Map<String, Value>>) -> CutSchema {
    let whole = with_definitions(schema, defs);
    if length(&whole) <= ENOUGH {
        return CutSchema { schema: whole, lacks_definitions: false, lacks_parts: false };
    }
    let lacks_definitions = defs.is_some_and(|defs| !defs.is_empty());
    let mut smallest = None;
    for measure in MEASURES {
        let mut cutter = Cutter { measure, lacks_parts: false };
        let schema = cutter.cut(schema, measure.levels, true);
        let is_enough = length(&schema) <= ENOUGH;
        smallest = Some(CutSchema { schema, lacks_definitions, lacks_parts: cutter.lacks_parts });
        if is_enough {
            break;
        }
    }
    smallest.unwrap_or(CutSchema { schema: json!({}), lacks_definitions, lacks_parts: true })
}

fn with_definitions(schema: &Value, defs: Option<&Map<String, Value>>) -> Value {
    let mut whole = schema.clone();
    if let (Some(map), Some(defs)) = (whole.as_object_mut(), defs.filter(|defs| !defs.is_empty())) {
        map.insert("$defs".to_owned(), Value::Object(defs.clone()));
    }
    whole
}

fn length(value: &Value) -> usize {
    value.to_string().len()
}

struct Cutter {
    measure: Measure,
    lacks_parts: bool,
}

impl Cutter {
    /// Truncates a schema. `levels` is the number of levels of objects that are kept.
    fn cut(&mut self, schema: &Value, levels: usize, is_required: bool) -> Value {
        let Some(map) = schema.as_object() else { return schema.clone() };
        if levels == 0 && has_parts(map) {
            self.lacks_parts = true;
            return self.stub(map, is_required);
        }
        if !is_required && !self.measure.optional_details {
            self.lacks_parts |= map.len() > 1;
            return kept(map, &["type", "$ref"]);
        }
        let mut cut = Map::new();
        for (key, value) in map {
            let value = match (key.as_str(), value) {
                ("$defs", _) => continue,
                ("properties", Value::Object(properties)) => {
                    Value::Object(self.properties(properties, map.get("required"), levels.saturating_sub(1)))
                }
                ("patternProperties" | "dependentSchemas", Value::Object(children)) => {
                    let children = children.iter();
                    let cut = |(name, child): (&String, &Value)| {
                        (name.clone(), self.cut(child, levels.saturating_sub(1), is_required))
                    };
                    Value::Object(children.map(cut).collect())
                }
                ("enum", Value::Array(values))
                    if self.measure.levels < usize::MAX && values.len() > MOST_VALUES =>
                {
                    self.lacks_parts = true;
                    let more = values.len() - MOST_VALUES;
                    cut.insert("$comment".to_owned(), format!("{more} more values").into());
                    Value::Array(values.iter().take(MOST_VALUES).cloned().collect())
                }
                ("enum" | "const" | "default" | "examples" | "required", value) => value.clone(),
                ("description", Value::String(text)) => match self.text(text, is_required) {
                    Some(text) => text.into(),
                    None => continue,
                },
                (_, Value::Object(_)) => self.cut(value, levels, is_required),
                (_, Value::Array(forms)) => {
                    forms.iter().map(|form| self.cut(form, levels, is_required)).collect()
                }
                (_, value) => value.clone(),
            };
            cut.insert(key.clone(), value);
        }
        Value::Object(cut)
    }

    fn properties(
        &mut self,
        properties: &Map<String, Value>,
        required: Option<&Value>,
        levels: usize,
    ) -> Map<String, Value> {
        let required = required.and_then(Value::as_array);
        let cut = |(name, schema): (&String, &Value)| {
            let is_required = required.is_some_and(|names| names.iter().any(|it| it == name.as_str()));
            (name.clone(), self.cut(schema, levels, is_required))
        };
        properties.iter().map(cut).collect()
    }

    /// Returns a schema without its nested schemas.
    fn stub(&mut self, map: &Map<String, Value>, is_required: bool) -> Value {
        let mut stub = kept(map, &["type"]);
        let text = map.get("description").and_then(Value::as_str);
        if let Some(text) = text.and_then(|text| self.text(text, is_required)) {
            stub["description"] = text.into();
        }
        stub["$comment"] = "cut".into();
        stub
    }

    fn text(&mut self, text: &str, is_required: bool) -> Option<String> {
        let most = if is_required { self.measure.required_text } else { self.measure.optional_text };
        match text.char_indices().nth(most) {
            None => Some(text.to_owned()),
            Some((at, _)) => {
                self.lacks_parts = true;
                (at > 0).then(|| format!("{}…", text[..at].trim_end()))
            }
        }
    }
}

/// Whether a schema contains subschemas that have subschemas themselves.
fn has_parts(map: &Map<String, Value>) -> bool {
    let nested = |value: &Value| match value {
        Value::Object(map) => map.contains_key("properties") || has_parts(map),
        Value::Array(forms) => forms
            .iter()
            .filter_map(Value::as_object)
            .any(|form| form.contains_key("properties") || has_parts(form)),
        _ => false,
    };
    map.contains_key("properties")
        || map.iter().any(|(key, value)| {
            !matches!(key.as_str(), "enum" | "const" | "default" | "examples") && nested(value)
        })
}

fn kept(map: &Map<String, Value>, keys: &[&str]) -> Value {
    let pairs = map.iter().filter(|(key, _)| keys.contains(&key.as_str()));
    Value::Object(pairs.map(|(key, value)| (key.clone(), value.clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_schema_is_shown_completely_with_its_definitions() {
        let schema = json!({ "properties": { "id": { "$ref": "#/$defs/Id" } } });
        let defs = json!({ "Id": { "type": "string" } });
        let cut = cut(&schema, defs.as_object());
        assert_eq!(cut.schema["$defs"], defs);
        assert!(!cut.lacks_parts && !cut.lacks_definitions);
    }

    #[test]
    fn deep_schema_is_truncated_at_its_deepest_levels() {
        let long = "A long description of a leaf. ".repeat(30);
        let leaf =
            json!({ "type": "object", "properties": { "deep": { "type": "string", "description": long } } });
        let schema = json!({
            "type": "object",
            "required": ["filter"],
            "properties": {
                "filter": { "type": "object", "description": "The filter.", "properties": { "a": leaf, "b": leaf } },
                "limit": { "type": "integer" },
            },
        });
        let cut = cut(&schema, None);
        assert!(cut.lacks_parts);
        let expected = json!({ "type": "object", "$comment": "cut" });
        assert_eq!(cut.schema["properties"]["filter"]["properties"]["a"], expected, "{}", cut.schema);
        assert_eq!(cut.schema["properties"]["limit"], json!({ "type": "integer" }));
    }

    #[test]
    fn truncated_schema_with_many_arguments_keeps_each_argument_and_its_type() {
        let property = json!({ "type": "string", "description": "x".repeat(300), "enum": vec!["value"; 40] });
        let properties: Map<String, Value> = (0..30).map(|at| (format!("p{at}"), property.clone())).collect();
        let schema = json!({ "type": "object", "properties": properties, "required": ["p3"] });
        let cut = cut(&schema, None);
        assert_eq!(cut.schema["properties"].as_object().map(Map::len), Some(30));
        assert_eq!(cut.schema["properties"]["p4"], json!({ "type": "string" }));
        assert_eq!(cut.schema["properties"]["p3"]["$comment"], "28 more values");
        assert!(length(&cut.schema) < ENOUGH, "{}", length(&cut.schema));
    }
}
