//! Structured content that is JSON text, in the answers of tool calls.
//!
//! The SDK takes structured content as a parsed value only. Parsing and printing it takes several times as long as copying its
//! text, so the text travels beside the parsed answer and is added when that has been printed.

use rmcp::model::{JsonRpcMessage, JsonRpcResponse, ServerResult};
use rmcp::service::{RoleServer, TxJsonRpcMessage};
use serde_json::Value;

use crate::reply::structured::StructuredContent;

/// The structured content for an answer that [`print()`] prints: text becomes a string. Structured content is always an object, so
/// no service can pass such a string.
pub(super) fn to_print(content: StructuredContent) -> Value {
    content.into_text().map_or_else(|value| value, Value::String)
}

/// Prints a message on one line, without the line break.
pub(super) fn print(mut message: TxJsonRpcMessage<RoleServer>) -> serde_json::Result<Vec<u8>> {
    let text = take_text(&mut message);
    let mut printed = Vec::with_capacity(256 + 3 * text.as_ref().map_or(0, String::len));
    serde_json::to_writer(&mut printed, &message)?;
    if let Some(text) = text {
        add(&mut printed, &text);
    }
    Ok(printed)
}

/// Removes the string that stands for an object.
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

/// Adds the text of an object to a printed answer without structured content. The result is the last member of the answer,
/// and it has other members.
fn add(printed: &mut Vec<u8>, text: &str) {
    debug_assert!(printed.ends_with(b"}}"), "an answer ends with its result");
    printed.truncate(printed.len().saturating_sub(2));
    printed.extend_from_slice(b",\"structuredContent\":");
    printed.extend_from_slice(text.as_bytes());
    printed.extend_from_slice(b"}}");
}

#[cfg(test)]
mod tests {
    use rmcp::model::{CallToolResult, ContentBlock, NumberOrString, ResultType};
    use serde_json::json;

    use super::*;

    fn printed(mut result: CallToolResult, content: Value) -> Vec<u8> {
        result.structured_content = Some(content);
        print(JsonRpcMessage::response(ServerResult::CallToolResult(result), NumberOrString::Number(7)))
            .unwrap()
    }

    #[test]
    fn text_and_parsed_content_print_equal_answers() {
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
    fn parsed_content_is_never_taken_for_text() {
        let string = StructuredContent::of(json!("{\"a\":1}"));
        let answer = printed(CallToolResult::success(Vec::new()), to_print(string));
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["result"]["structuredContent"], json!({ "value": "{\"a\":1}" }));
    }
}
