//! Output schemas: what a tool promises of its structured content, and what is kept of that promise.
//!
//! Some clients hold a result against its schema and throw it away where it does not fit, though the service has done
//! what was asked. So what does not fit never reaches them: it stays in the text.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::{Map, Value};

use crate::result::ToolResult;
use crate::rows::Connector;
use crate::schema::with_closure;

/// The schema of `text` with all that it reaches.
pub(crate) fn schema(connector: &Connector, text: &str) -> Map<String, Value> {
    with_closure(text, |name| connector.received_schema(name))
}

/// An output schema that is ready to be held against results.
pub(crate) struct OutputSchema(Option<Validator>);

impl OutputSchema {
    pub(crate) fn compile(schema: &Map<String, Value>) -> Self {
        let validator = jsonschema::draft202012::new(&Value::Object(schema.clone()));
        let warn = |error: &_| tracing::warn!(%error, "an output schema cannot be compiled; no content is structured");
        Self(validator.inspect_err(warn).ok())
    }

    /// The result, its structured content without what does not fit; an empty object where nothing is left.
    pub(crate) fn conform(&self, mut result: ToolResult) -> ToolResult {
        let mut structured = match result.structured.take() {
            Some(Value::Object(object)) => Value::Object(object),
            _ => Value::Object(Map::new()),
        };
        let misfits = self.misfits(&structured);
        if let Value::Object(object) = &mut structured {
            object.retain(|name, _| !misfits.contains(name));
        }
        if !self.0.as_ref().is_some_and(|validator| validator.is_valid(&structured)) {
            structured = Value::Object(Map::new());
        }
        result.structured = Some(structured);
        if misfits.is_empty() {
            return result;
        }
        let names: Vec<String> = misfits.iter().map(|name| format!("`{name}`")).collect();
        result.note(format!(
            "Only the text has {}: that is not what the service's description promises of it.",
            names.join(", ")
        ))
    }

    /// The properties that are not what the schema says.
    fn misfits(&self, structured: &Value) -> BTreeSet<String> {
        let errors = self.0.iter().flat_map(|validator| validator.iter_errors(structured));
        errors
            .filter_map(|error| {
                let path = error.instance_path().as_str().strip_prefix('/')?;
                let first = path.split('/').next()?;
                Some(first.replace("~1", "/").replace("~0", "~"))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Schema;
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
    fn what_fits_stays_as_it_is() {
        let value = json!({ "a/b": "x", "book": { "id": 1, "more": null }, "other": [] });
        let result = conform(value.clone());
        assert_eq!(result, ToolResult::json(value));
    }

    #[test]
    fn what_does_not_fit_stays_in_the_text() {
        let result = conform(json!({ "a/b": 1, "book": { "id": "1" }, "other": 2 }));
        assert_eq!(result.structured(), Some(&json!({ "other": 2 })));
        assert_eq!(result.as_text(), r#"{"a/b":1,"book":{"id":"1"},"other":2}"#);
        let notes: Vec<&str> = result.notes().collect();
        assert_eq!(
            notes,
            ["Only the text has `a/b`, `book`: that is not what the service's description promises of it."]
        );
    }

    #[test]
    fn there_always_is_an_object() {
        let connector = Connector::new("x");
        let nothing = OutputSchema::compile(&schema(&connector, TEXT)).conform(ToolResult::text("Done."));
        assert_eq!(nothing.structured(), Some(&json!({})));
        let broken = OutputSchema::compile(&schema(&connector, r#"{"type":1}"#));
        assert_eq!(broken.conform(ToolResult::json(json!({ "a": 1 }))).structured(), Some(&json!({})));
    }
}
