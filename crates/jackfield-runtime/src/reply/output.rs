//! Output schemas: what a tool guarantees about its structured content, and how a result is changed to match.
//!
//! Some clients validate a result against its output schema, and discard a result that does not match although the service
//! has acted. So properties that do not match are removed from the structured content. They stay in the text of the result.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::call::rows::Connector;
use crate::call::schema::{each_keyword, find_refs};
use crate::call::validate::{Budget, OneOf, Schema};
use crate::reply::structured::StructuredContent;
use crate::reply::tool_result::ToolResult;

/// The maximum number of bytes of pool schemas that one output schema includes. In some services every schema refers to
/// every other schema, and a list of tools that repeats all of them would be too large for clients.
const CLOSURE_LIMIT: usize = 16 * 1024;

/// Parses the schema in `text`, and adds the schemas that it refers to, the nearest first. Schemas beyond the size limit are
/// replaced by `{}`.
pub(crate) fn schema(connector: &Connector<'_>, text: &str) -> Map<String, Value> {
    let root = serde_json::from_str(text).ok().filter(Value::is_object);
    let mut root: Value = root.unwrap_or_else(|| serde_json::json!({ "type": "object" }));
    let mut defs: BTreeMap<String, Value> = BTreeMap::new();
    let mut room = CLOSURE_LIMIT;
    let mut near = Vec::new();
    find_refs(&root, &mut near);
    while !near.is_empty() {
        let mut next = Vec::new();
        for name in near {
            let Some(text) = connector.received_schema(&name) else { continue };
            if defs.contains_key(&name) || text.len() > room {
                continue;
            }
            let Ok(schema) = serde_json::from_str(text) else { continue };
            room -= text.len();
            find_refs(&schema, &mut next);
            defs.insert(name, schema);
        }
        near = next;
    }
    let known: BTreeSet<String> = defs.keys().cloned().collect();
    // A reference to a schema beyond the size limit becomes `{}`.
    let is_known = |target: &str| target.strip_prefix("#/$defs/").is_some_and(|name| known.contains(name));
    defs.values_mut().chain([&mut root]).for_each(|schema| {
        each_keyword(schema, &|map| {
            map.retain(|key, value| key != "$ref" || value.as_str().is_none_or(is_known));
        });
    });
    let Value::Object(mut root) = root else { return Map::new() };
    if !defs.is_empty() {
        root.insert("$defs".to_owned(), Value::Object(defs.into_iter().collect()));
    }
    root
}

/// An output schema, compiled for validation.
pub(crate) struct OutputSchema(Option<Schema>);

impl OutputSchema {
    pub(crate) fn compile(schema: &Map<String, Value>) -> Self {
        let schema = Schema::new(Value::Object(schema.clone()), OneOf::Exactly);
        if let Some(fault) = schema.fault() {
            tracing::warn!(fault, "an output schema is malformed, so results have no structured content");
            return Self(None);
        }
        Self(Some(schema))
    }

    /// Removes properties that do not match from the structured content, until it is valid. If no property is left, the
    /// structured content is an empty object.
    pub(crate) fn conform(&self, mut result: ToolResult) -> ToolResult {
        let mut structured = match result.structured.take().map(StructuredContent::into_value) {
            Some(Value::Object(object)) => Value::Object(object),
            _ => Value::Object(Map::new()),
        };
        let mut budget = Budget::for_cost(self.0.as_ref().map_or(0, |schema| schema.cost([&structured])));
        let misfits = self.misfits(&structured, &mut budget);
        if let Value::Object(object) = &mut structured {
            object.retain(|name, _| !misfits.contains(name));
        }
        let schema = self.0.as_ref();
        if !schema.is_some_and(|schema| schema.fits(&structured, &mut budget) == Ok(true)) {
            structured = Value::Object(Map::new());
        }
        result.structured = Some(StructuredContent::Parsed(structured));
        if misfits.is_empty() {
            return result;
        }
        let names: Vec<String> = misfits.iter().map(|name| format!("`{name}`")).collect();
        result.note(format!(
            "These properties do not match the output schema, so they are only in the text: {}.",
            names.join(", ")
        ))
    }

    /// Returns the names of the properties that do not match the schema.
    fn misfits(&self, structured: &Value, budget: &mut Budget) -> BTreeSet<String> {
        let mut misfits = BTreeSet::new();
        let Some(schema) = &self.0 else { return misfits };
        let explained = schema.explain(structured, budget, &mut |problem| {
            misfits.extend(problem.path.first_name().map(str::to_owned));
            true
        });
        // The structured content is too large to be validated, so all of it is removed. The text still contains everything.
        if explained.is_err()
            && let Value::Object(object) = structured
        {
            misfits.extend(object.keys().cloned());
        }
        misfits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::{Connector, Schema};
    use serde_json::json;

    static POOL: &[Schema] =
        &[Schema::new("Book", r#"{"type":"object","properties":{"id":{"type":"integer"}}}"#)];
    const TEXT: &str =
        r##"{"type":"object","properties":{"a/b":{"type":"string"},"book":{"$ref":"#/$defs/Book"}}}"##;

    fn conform(value: Value) -> ToolResult {
        let connector = Connector::new("x").received(POOL);
        OutputSchema::compile(&schema(&connector, TEXT)).conform(ToolResult::json(value))
    }

    #[test]
    fn result_that_matches_its_output_schema_is_unchanged() {
        let value = json!({ "a/b": "x", "book": { "id": 1, "more": null }, "other": [] });
        let result = conform(value.clone());
        assert_eq!(result, ToolResult::json(value));
    }

    #[test]
    fn property_that_violates_the_output_schema_is_only_in_the_text_content() {
        let result = conform(json!({ "a/b": 1, "book": { "id": "1" }, "other": 2 }));
        assert_eq!(result.structured(), Some(&json!({ "other": 2 })));
        assert_eq!(result.as_text(), r#"{"a/b":1,"book":{"id":"1"},"other":2}"#);
        let notes: Vec<&str> = result.notes().collect();
        assert_eq!(
            notes,
            ["These properties do not match the output schema, so they are only in the text: `a/b`, `book`."]
        );
    }

    #[test]
    fn schema_beyond_the_size_limit_becomes_empty() {
        let words = "x".repeat(CLOSURE_LIMIT / 2);
        let link = |next: &str| {
            let schema = json!({ "description": words, "properties": { "$ref": { "$ref": format!("#/$defs/{next}") } } });
            &*Box::leak(schema.to_string().into_boxed_str())
        };
        let pool: &[Schema] =
            vec![Schema::new("A", link("B")), Schema::new("B", link("A")), Schema::new("C", link("A"))]
                .leak();
        let connector = Connector::new("x").received(pool);
        let text = r##"{"type":"object","properties":{"enum":{"$ref":"#/$defs/A"},"z":{"$ref":"#/$defs/Nowhere"}}}"##;
        let schema = Value::Object(schema(&connector, text));
        assert_eq!(schema["properties"], json!({ "enum": { "$ref": "#/$defs/A" }, "z": {} }));
        assert_eq!(schema["$defs"].as_object().map(Map::len), Some(1));
        assert_eq!(schema["$defs"]["A"]["properties"], json!({ "$ref": {} }));
    }

    #[test]
    fn structured_content_is_always_an_object() {
        let connector = Connector::new("x");
        let nothing = OutputSchema::compile(&schema(&connector, TEXT)).conform(ToolResult::text("Done."));
        assert_eq!(nothing.structured(), Some(&json!({})));
        let broken = OutputSchema::compile(&schema(&connector, r#"{"type":1}"#));
        assert_eq!(broken.conform(ToolResult::json(json!({ "a": 1 }))).structured(), Some(&json!({})));
    }
}
