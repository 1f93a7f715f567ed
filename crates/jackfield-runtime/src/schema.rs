//! Input schemas: made self-contained from the pool, and held against arguments before anything is sent.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use crate::heal::Healer;
use crate::rows::Connector;

/// How many problems one answer lists.
const PROBLEMS_SHOWN: usize = 10;

/// The schema of `text` with every schema of the pool that it reaches, under `$defs`.
pub(crate) fn self_contained(connector: &Connector, text: &str) -> Map<String, Value> {
    // Generated text is JSON; a hand-edited row that is not gets the schema that nothing fits but the empty object.
    let mut root = match serde_json::from_str(text) {
        Ok(Value::Object(root)) => root,
        _ => {
            Map::from_iter([("type".into(), "object".into()), ("additionalProperties".into(), false.into())])
        }
    };
    let mut reached = BTreeSet::new();
    let mut defs = Vec::new();
    let mut frontier = Vec::new();
    find_refs_in(&root, &mut frontier);
    while let Some(name) = frontier.pop() {
        if !reached.insert(name.clone()) {
            continue;
        }
        let schema = connector.schema(&name).and_then(|text| serde_json::from_str(text).ok());
        let schema: Value = schema.unwrap_or_else(|| Value::Object(Map::new()));
        find_refs(&schema, &mut frontier);
        defs.push((name, schema));
    }
    if !defs.is_empty() {
        defs.sort_by(|(a, _), (b, _)| a.cmp(b));
        root.insert("$defs".into(), Value::Object(defs.into_iter().collect()));
    }
    root
}

/// Finds the pool names that a schema refers to; what stands in data such as `enum` is no reference.
pub(crate) fn find_refs(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(map) => find_refs_in(map, found),
        Value::Array(items) => items.iter().for_each(|item| find_refs(item, found)),
        _ => {}
    }
}

fn find_refs_in(schema: &Map<String, Value>, found: &mut Vec<String>) {
    for (key, value) in schema {
        match (key.as_str(), value) {
            ("$ref", Value::String(target)) => {
                found.extend(target.strip_prefix("#/$defs/").map(str::to_owned));
            }
            ("enum" | "const" | "default" | "examples", _) => {}
            ("properties" | "patternProperties" | "dependentSchemas", Value::Object(children)) => {
                children.values().for_each(|child| find_refs(child, found));
            }
            _ => find_refs(value, found),
        }
    }
}

/// An input schema that is ready to be held against arguments.
pub(crate) struct InputSchema {
    /// None where the schema is one that no validator can read: then the service has the last word.
    validator: Option<Validator>,
    schema: Map<String, Value>,
}

impl InputSchema {
    pub(crate) fn compile(schema: Map<String, Value>) -> Self {
        let mut value = Value::Object(schema.clone());
        // Which of two alternatives is meant is for the service to say, where both fit.
        each_keyword(&mut value, &|map| {
            if !map.contains_key("anyOf")
                && let Some(alternatives) = map.shift_remove("oneOf")
            {
                map.insert("anyOf".to_owned(), alternatives);
            }
        });
        let validator = jsonschema::draft202012::new(&value).or_else(|error| {
            // A pattern that Rust cannot read must not cost the rest of the check, nor refuse what the service takes.
            tracing::warn!(%error, "an input schema cannot be compiled; its patterns are left to the service");
            drop_patterns(&mut value);
            jsonschema::draft202012::new(&value)
        });
        let validator = validator
            .inspect_err(|error| tracing::warn!(%error, "an input schema cannot be compiled; arguments are sent unchecked"))
            .ok();
        Self { validator, schema }
    }

    /// Holds the arguments against the schema, healed where that makes them fit; then it says what was healed.
    ///
    /// # Errors
    /// Everything that is wrong with them, in words that say where and what was expected.
    pub(crate) fn fit(&self, tool: &str, arguments: &mut Value) -> Result<Option<String>, String> {
        let Some(validator) = self.validator.as_ref().filter(|validator| !validator.is_valid(arguments))
        else {
            return Ok(None);
        };
        let mut healed = arguments.clone();
        let said = healed.as_object_mut().map(|arguments| Healer::new(&self.schema).heal(arguments));
        match said.filter(|said| !said.is_empty() && validator.is_valid(&healed)) {
            Some(said) => {
                *arguments = healed;
                Ok(Some(format!("Of the arguments, {}.", said.join("; "))))
            }
            None => Err(self.describe(validator, tool, arguments)),
        }
    }

    fn describe(&self, validator: &Validator, tool: &str, arguments: &Value) -> String {
        let mut text = format!("The arguments of `{tool}` do not fit its input schema; nothing was sent.");
        let mut count = 0;
        for error in validator.iter_errors(arguments) {
            count += 1;
            if count > PROBLEMS_SHOWN {
                continue;
            }
            let path = error.instance_path().to_string();
            let place = if path.is_empty() { "arguments".to_owned() } else { path };
            let problem: String = error.to_string().chars().take(300).collect();
            let _ = write!(text, "\n- {place}: {problem}");
            let unexpected = matches!(error.kind(), ValidationErrorKind::AdditionalProperties { .. });
            if let Some(hint) = unexpected.then(|| self.did_you_mean(arguments, &place)).flatten() {
                let _ = write!(text, "; {hint}");
            }
        }
        if count > PROBLEMS_SHOWN {
            let _ = write!(text, "\n- and {} more", count - PROBLEMS_SHOWN);
        }
        text
    }

    /// For arguments that the tool does not have: what it has that is near.
    fn did_you_mean(&self, arguments: &Value, place: &str) -> Option<String> {
        let Value::Object(given) = arguments else { return None };
        if place != "arguments" {
            return None;
        }
        let known = self.schema.get("properties")?.as_object()?;
        let unknown = given.keys().find(|key| !known.contains_key(*key))?;
        let near = known.keys().min_by_key(|known| distance(unknown, known))?;
        if distance(unknown, near) <= 2.max(unknown.len() / 3) {
            Some(format!("did you mean `{near}`?"))
        } else {
            Some(format!(
                "it has {}",
                known.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            ))
        }
    }
}

/// Takes the patterns out of a schema.
fn drop_patterns(schema: &mut Value) {
    each_keyword(schema, &|map| {
        map.retain(|key, value| !(key == "pattern" && value.is_string()) && key != "patternProperties");
    });
}

/// Changes every schema within a schema. A property may be called as a keyword is, so properties are looked through by
/// name.
pub(crate) fn each_keyword(schema: &mut Value, change: &dyn Fn(&mut Map<String, Value>)) {
    match schema {
        Value::Object(map) => {
            change(map);
            for (key, value) in map.iter_mut() {
                match (key.as_str(), value) {
                    (
                        "properties" | "patternProperties" | "$defs" | "dependentSchemas",
                        Value::Object(children),
                    ) => {
                        children.values_mut().for_each(|child| each_keyword(child, change));
                    }
                    ("enum" | "const" | "default" | "examples", _) => {}
                    (_, value) => each_keyword(value, change),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_keyword(item, change)),
        _ => {}
    }
}

/// The edit distance between two short names.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Schema;
    use serde_json::json;

    static POOL: &[Schema] = &[
        Schema::new("Leaf", r#"{"type":"string"}"#),
        Schema::new("Lonely", r#"{}"#),
        Schema::new(
            "Tree",
            r##"{"properties":{"leaf":{"$ref":"#/$defs/Leaf"},"child":{"$ref":"#/$defs/Tree"}}}"##,
        ),
    ];

    #[test]
    fn the_closure_holds_what_is_reached_and_no_more() {
        let connector = Connector::new("x").schemas(POOL);
        let schema =
            self_contained(&connector, r##"{"type":"object","properties":{"t":{"$ref":"#/$defs/Tree"}}}"##);
        let names: Vec<&String> = schema["$defs"].as_object().into_iter().flat_map(Map::keys).collect();
        assert_eq!(names, ["Leaf", "Tree"]);
    }

    #[test]
    fn properties_may_be_called_as_keywords_are() {
        let connector = Connector::new("x").schemas(POOL);
        for name in ["properties", "enum", "default", "$ref"] {
            let text = json!({ "type": "object", "properties": { name: { "$ref": "#/$defs/Leaf" } } });
            assert_eq!(
                self_contained(&connector, &text.to_string())["$defs"],
                json!({ "Leaf": { "type": "string" } })
            );
        }
    }

    #[test]
    fn problems_say_where_and_what() {
        let schema = json!({
            "type": "object",
            "properties": { "title": { "type": "string" }, "price": { "type": "number", "minimum": 0 } },
            "required": ["title"],
            "additionalProperties": false,
        });
        let Value::Object(schema) = schema else { unreachable!() };
        let schema = InputSchema::compile(schema);
        let text = schema.fit("add", &mut json!({ "titel": "x", "price": -3 })).unwrap_err();
        assert!(text.contains("/price: -3 is less than the minimum of 0"), "{text}");
        assert!(text.contains("did you mean `title`?"), "{text}");
        assert_eq!(schema.fit("add", &mut json!({ "title": "x" })), Ok(None));
        let mut given = json!({ "title": "x", "price": "4.5" });
        let healed = "Of the arguments, `/price` was a text, and is taken as a number.";
        assert_eq!(schema.fit("add", &mut given), Ok(Some(healed.to_owned())));
        assert_eq!(given, json!({ "title": "x", "price": 4.5 }));
    }

    #[test]
    fn where_two_alternatives_fit_the_service_decides() {
        let either = json!([{ "type": "string", "format": "uuid" }, { "type": "string" }]);
        let schema = json!({ "type": "object", "properties": { "id": { "oneOf": either } } });
        let Value::Object(schema) = schema else { unreachable!() };
        let schema = InputSchema::compile(schema);
        assert_eq!(schema.fit("x", &mut json!({ "id": "a" })), Ok(None));
        assert!(schema.fit("x", &mut json!({ "id": [] })).is_err());
    }

    #[test]
    fn a_pattern_that_cannot_be_read_costs_itself() {
        let schema =
            json!({ "type": "object", "properties": { "pattern": { "type": "string", "pattern": "[" } } });
        let Value::Object(schema) = schema else { unreachable!() };
        let schema = InputSchema::compile(schema);
        assert!(schema.fit("x", &mut json!({ "pattern": "anything" })).is_ok());
        assert!(schema.fit("x", &mut json!({ "pattern": [] })).is_err());
    }

    #[test]
    fn distances() {
        assert_eq!(distance("titel", "title"), 2);
        assert_eq!(distance("", "abc"), 3);
    }
}
