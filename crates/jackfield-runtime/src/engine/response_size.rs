//! The size of an answer that is not an HTTP reply.

use serde_json::{Map, Value};

use super::request::{PromptMessage, SourceResponse};
use crate::reply::content::{Content, ResourceBody, ResourceContents};
use crate::reply::tool_result::{Extra, ToolResult};

impl SourceResponse {
    /// Returns the approximate number of bytes of the answer as JSON, not counting escapes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Tool(result) => of_result(result),
            Self::Resource(contents) => contents.iter().map(of_contents).sum(),
            Self::Prompt(answer) => answer.messages.iter().map(of_message).sum(),
            Self::Completion(values) => values.values.iter().map(|value| value.len() + 3).sum(),
        }
    }
}

fn of_result(result: &ToolResult) -> usize {
    let structured = result.structured.as_ref().map_or(0, |structured| match structured.as_text() {
        Some(text) => text.len(),
        None => of_value(structured.value()),
    });
    let relayed = result.relayed.as_ref().map_or(0, |meta| of_object(meta));
    result.text.len() + structured + relayed + result.extras.iter().map(of_extra).sum::<usize>()
}

fn of_extra(extra: &Extra) -> usize {
    match extra {
        Extra::Note(text) => text.len(),
        Extra::Image { media_type, data } => media_type.len() + data.len(),
        Extra::Audio { address, media_type, data } | Extra::Blob { address, media_type, data } => {
            address.len() + media_type.len() + data.len()
        }
        Extra::Embedded { address, text, .. } => address.len() + text.len(),
        Extra::Link { address, name, .. } => address.len() + name.len(),
        Extra::Relayed(block) => of_value(block),
    }
}

fn of_contents(contents: &ResourceContents) -> usize {
    contents.uri.len()
        + match &contents.body {
            ResourceBody::Text(text) => text.len(),
            ResourceBody::Bytes(bytes) => bytes.len().div_ceil(3) * 4,
        }
}

fn of_message(message: &PromptMessage) -> usize {
    match &message.content {
        Content::Text(text) => text.len(),
        Content::Image { bytes, .. } | Content::Audio { bytes, .. } => bytes.len().div_ceil(3) * 4,
        Content::Resource(contents) => of_contents(contents),
        Content::Relayed(block) => of_value(block),
    }
}

fn of_value(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Number(number) => match number.as_u64() {
            Some(number) => number.checked_ilog10().map_or(1, |digits| digits as usize + 1),
            // Formatting the number would take longer than the rest of this function, so its length is estimated.
            None => 8,
        },
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 1 + items.iter().map(|item| of_value(item) + 1).sum::<usize>().max(1),
        Value::Object(members) => of_object(members),
    }
}

fn of_object(members: &Map<String, Value>) -> usize {
    1 + members.iter().map(|(key, value)| key.len() + of_value(value) + 4).sum::<usize>().max(1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn estimated_size_is_close_to_the_json_size() {
        for value in [
            json!({ "content": [{ "type": "text", "text": "twelve books" }, { "a": [] }], "isError": false }),
            json!([1, 22, 0, true, null, {}, "", [[]]]),
        ] {
            assert_eq!(of_value(&value), value.to_string().len(), "{value}");
        }
        let block = json!({ "type": "text", "text": "x".repeat(100) });
        let result = json!({ "content": [block] });
        let result = SourceResponse::Tool(ToolResult::relayed(result.as_object().unwrap().clone()));
        assert!((100..=block.to_string().len() + 10).contains(&result.size()), "{}", result.size());
    }
}
