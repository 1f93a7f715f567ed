//! Generated tools as a client sees them.

use jackfield_recipe::BYTES;
use serde_json::{Map, Value};

use super::Api;
use crate::call::downloads::SaveArguments;
use crate::call::rows::Tool;
use crate::call::schema::self_contained;
use crate::common::caller::Caller;
use crate::engine::listing::Listed;
use crate::engine::merged::MergedTool;
use crate::reply::output;

impl Api {
    /// Returns a generated tool as a client sees it.
    pub(crate) fn listed(&self, tool: &Tool<'_>, caller: &Caller) -> Listed {
        let mut input = self_contained(self.connector(), tool.input);
        if let Some(advice) = self.advice_on_files(caller) {
            add_advice_on_files(&mut input, &advice);
        }
        if let Some(arguments) = self.save_arguments(tool, caller) {
            self.inner.downloads.describe(arguments, &mut input);
        }
        Listed {
            name: tool.name.to_owned(),
            title: tool.title.to_owned(),
            description: tool.description.to_owned(),
            input,
            output: (!tool.output.is_empty()).then(|| output::schema(self.connector(), tool.output)),
            effect: tool.effect,
            idempotent: tool.idempotent,
            further: Map::new(),
        }
    }

    /// Returns a merged tool as a client sees it.
    pub(crate) fn listed_merge(&self, tool: &MergedTool, caller: &Caller) -> Listed {
        let merge = tool.get();
        let mut input = self_contained(self.connector(), merge.input);
        if let Some(advice) = self.advice_on_files(caller) {
            add_advice_on_files(&mut input, &advice);
        }
        // The arguments are added only if they are the same for all operations, because the schema must not depend on the operation.
        let mut saves = tool.operations().map(|operation| self.save_arguments(operation.get(), caller));
        if let Some(Some(arguments)) = saves.next()
            && saves.all(|other| other == Some(arguments))
        {
            self.inner.downloads.describe(arguments, &mut input);
        }
        Listed {
            name: merge.name.to_owned(),
            title: merge.title.to_owned(),
            description: merge.description.to_owned(),
            input,
            output: (!merge.output.is_empty()).then(|| output::schema(self.connector(), merge.output)),
            effect: merge.effect,
            idempotent: merge.idempotent,
            further: Map::new(),
        }
    }

    /// Returns the arguments with which a caller stores the reply of a tool in a file. Returns `None` if values in the reply are redacted,
    /// because such a reply is not stored.
    fn save_arguments(&self, tool: &Tool<'_>, caller: &Caller) -> Option<SaveArguments> {
        let downloads = self.inner.downloads.of_caller(caller);
        let is_offered = downloads.is_offered() && !self.inner.replies.get(tool.name).redacts();
        is_offered.then(|| downloads.arguments(tool)).flatten()
    }

    /// Whether a caller can store replies in files.
    pub(crate) fn offers_saving(&self, caller: &Caller) -> bool {
        self.inner.downloads.of_caller(caller).is_offered()
    }
}

/// Adds the advice on files to every argument of type bytes.
fn add_advice_on_files(input: &mut Map<String, Value>, advice: &str) {
    for property in input.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let (_, mut schema) = property;
        while let Some(map) = schema.as_object_mut() {
            if let Some(Value::String(said)) = map.get_mut("description")
                && said.contains(BYTES)
            {
                said.push(' ');
                said.push_str(advice);
            }
            match map.get_mut("items") {
                Some(items) => schema = items,
                None => break,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_of_a_binary_argument_gets_advice_on_files() {
        let schema = serde_json::json!({ "properties": {
            "cover": { "description": format!("The cover. {BYTES}") },
            "pages": { "items": { "description": BYTES } },
            "title": { "description": "The title." },
        } });
        let mut input = schema.as_object().cloned().unwrap();
        add_advice_on_files(&mut input, "Or a file.");
        let text = Value::Object(input).to_string();
        assert!(
            text.contains(
                "The cover. Bytes in base64, or a data URI; other text is sent as it is. Or a file."
            ),
            "{text}"
        );
        assert!(
            text.contains("\"Bytes in base64, or a data URI; other text is sent as it is. Or a file.\""),
            "{text}"
        );
        assert!(text.contains("\"The title.\""), "{text}");
    }
}
