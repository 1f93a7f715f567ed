//! Inserts JSON text into answers: the structured content of tool calls, and tool lists.
//!
//! The SDK accepts structured content only as a parsed value. Parsing and printing such a value takes several
//! times as long as copying its text. So the text is kept apart from the answer, and is inserted after the answer
//! was printed.

use std::sync::Arc;

use rmcp::model::{JsonRpcMessage, JsonRpcResponse, ServerResult, Tool};
use rmcp::service::{RoleServer, TxJsonRpcMessage};
use serde_json::Value;

use super::asking::raw_questions;
use crate::reply::structured::StructuredContent;

/// Returns the structured content for an answer that [`print()`] prints: the text as a JSON string. A service
/// cannot imitate such a string, because structured content is always an object.
pub(super) fn to_print(content: StructuredContent) -> Value {
    content.into_text().map_or_else(|value| value, Value::String)
}

/// Returns a placeholder tool that represents a whole list in a message that [`print()`] prints. Such a list
/// contains only this tool.
pub(super) fn carrier(list: &str) -> Tool {
    Tool::new("", list.to_owned(), Arc::default())
}

/// Prints a message on one line, without the line break.
pub(super) fn print(mut message: TxJsonRpcMessage<RoleServer>) -> serde_json::Result<Vec<u8>> {
    if let Some(printed) = raw_questions::print(&message) {
        return printed;
    }
    if let Some(list) = take_list(&mut message) {
        let mut printed = Vec::with_capacity(512 + list.len());
        serde_json::to_writer(&mut printed, &message)?;
        replace_list(&mut printed, &list);
        return Ok(printed);
    }
    let text = take_text(&mut message);
    let mut printed = Vec::with_capacity(256 + 3 * text.as_ref().map_or(0, String::len));
    serde_json::to_writer(&mut printed, &message)?;
    if let Some(text) = text {
        add(&mut printed, &text);
    }
    Ok(printed)
}

/// Removes the placeholder tool of a list.
fn take_list(message: &mut TxJsonRpcMessage<RoleServer>) -> Option<String> {
    let JsonRpcMessage::Response(JsonRpcResponse { result: ServerResult::ListToolsResult(result), .. }) =
        message
    else {
        return None;
    };
    let carrier = result.tools.pop()?;
    Some(carrier.description.unwrap_or_default().into_owned())
}

/// Replaces the empty array `tools` in a printed answer. The array has to be the last member of the result.
fn replace_list(printed: &mut Vec<u8>, list: &str) {
    debug_assert!(printed.ends_with(b"\"tools\":[]}}"), "an answer ends with its list");
    printed.truncate(printed.len().saturating_sub(b"[]}}".len()));
    printed.extend_from_slice(list.as_bytes());
    printed.extend_from_slice(b"}}");
}

/// Removes the structured content that [`to_print`] has converted to a string, and returns the string.
fn take_text(message: &mut TxJsonRpcMessage<RoleServer>) -> Option<String> {
    let JsonRpcMessage::Response(JsonRpcResponse { result: ServerResult::CallToolResult(result), .. }) =
        message
    else {
        return None;
    };
    match result.structured_content.take() {
        Some(Value::String(text)) => Some(text),
        other => {
            result.structured_content = other;
            None
        }
    }
}

/// Adds the text of an object to a printed answer without structured content. The result has to be the last member of the
/// answer, and has to have other members.
fn add(printed: &mut Vec<u8>, text: &str) {
    debug_assert!(printed.ends_with(b"}}"), "an answer ends with its result");
    printed.truncate(printed.len().saturating_sub(2));
    printed.extend_from_slice(b",\"structuredContent\":");
    printed.extend_from_slice(text.as_bytes());
    printed.extend_from_slice(b"}}");
}

#[cfg(test)]
mod tests {
    use rmcp::model::{CallToolResult, ContentBlock, ListToolsResult, NumberOrString, ResultType};
    use serde_json::{Map, json};

    use super::*;

    fn printed(mut result: CallToolResult, content: Value) -> Vec<u8> {
        result.structured_content = Some(content);
        print(JsonRpcMessage::response(ServerResult::CallToolResult(result), NumberOrString::Number(7)))
            .unwrap()
    }

    #[test]
    fn list_response_built_from_text_equals_the_response_from_parsed_tools() {
        let tools: Vec<Tool> = ["a", "b\"]}}"]
            .map(|name| {
                Tool::new(
                    name,
                    "Does \"it\" \u{e9}.",
                    Arc::new(Map::from_iter([("type".to_owned(), json!("object"))])),
                )
            })
            .into();
        for cursor in [None, Some("1-2".to_owned())] {
            let mut result = ListToolsResult::with_all_items(tools.clone()).with_ttl_ms(1);
            result.next_cursor = cursor;
            let message = |result| {
                JsonRpcMessage::response(ServerResult::ListToolsResult(result), NumberOrString::Number(7))
            };
            let parsed = serde_json::to_string(&message(result.clone())).unwrap();
            result.tools = vec![carrier(&serde_json::to_string(&tools).unwrap())];
            assert_eq!(String::from_utf8(print(message(result)).unwrap()).unwrap(), parsed);
        }
    }

    #[test]
    fn structured_content_as_text_or_parsed_json_gives_the_same_response() {
        for json in [
            "{}",
            "[]",
            "null",
            r#"{"a":{"b":[1,2.5,"\"}}","\u0000\n"]},"structuredContent":"","é":"😀"}"#,
            r#"[{"structuredContent":"x","isError":false}]"#,
            r#""}},\"structuredContent\":{""#,
        ] {
            for result_type in [None, Some(ResultType::COMPLETE)] {
                let mut result = CallToolResult::success(vec![ContentBlock::text(json)]);
                result.result_type = result_type;
                let value = StructuredContent::of(serde_json::from_str(json).unwrap()).into_value();
                assert!(value.is_object());
                let parsed = printed(result.clone(), value.clone());
                let text = printed(result, to_print(StructuredContent::of_text(json)));
                let [parsed, text] =
                    [parsed, text].map(|answer| serde_json::from_slice::<Value>(&answer).unwrap());
                assert_eq!(text, parsed);
                assert_eq!(text["result"]["structuredContent"], value);
            }
        }
    }

    #[test]
    fn structured_content_that_is_a_string_is_not_parsed_as_json() {
        let string = StructuredContent::of(json!("{\"a\":1}"));
        let answer = printed(CallToolResult::success(Vec::new()), to_print(string));
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["result"]["structuredContent"], json!({ "value": "{\"a\":1}" }));
    }
}
