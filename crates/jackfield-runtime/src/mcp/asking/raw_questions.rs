//! Forwards the `inputRequests` of other servers unchanged.
//!
//! The types of the SDK drop schema keywords of a form that they do not know. So the original questions are kept in the metadata of the
//! result, and replace the parsed questions when the message is serialized.

use std::borrow::Cow;

use rmcp::model::{InputRequiredResult, JsonRpcMessage, JsonRpcResponse, MetaObject, ServerResult};
use rmcp::service::{RoleServer, TxJsonRpcMessage};
use serde_json::{Map, Value};

/// The member of `_meta` that holds the original questions. It is removed when the message is serialized.
const KEPT: &str = "dev.jackfield/inputRequests";

/// Keeps the original questions in the metadata, if parsing them has lost anything.
pub(super) fn keep(result: &mut InputRequiredResult, questions: Map<String, Value>) {
    let parsed = serde_json::to_value(&result.input_requests).unwrap_or_default();
    if parsed.as_object() != Some(&questions) {
        let kept = (KEPT.to_owned(), Value::Object(questions));
        result.meta.get_or_insert_with(|| MetaObject(Map::new())).0.extend([kept]);
    }
}

/// Serializes a message with the original questions. Returns `None` if none were kept.
pub(in crate::mcp) fn print(message: &TxJsonRpcMessage<RoleServer>) -> Option<serde_json::Result<Vec<u8>>> {
    let JsonRpcMessage::Response(JsonRpcResponse {
        result: ServerResult::InputRequiredResult(result), ..
    }) = message
    else {
        return None;
    };
    result.meta.as_ref()?.0.get(KEPT)?;
    let printed = serde_json::to_value(message).and_then(|mut message| {
        restore(&mut message);
        serde_json::to_vec(&message)
    });
    Some(printed)
}

/// Replaces the parsed questions in a serialized message or in an event that contains one.
#[cfg(feature = "http")]
pub(in crate::mcp) fn restored(printed: &[u8]) -> Cow<'_, [u8]> {
    // The search takes linear time for any text. Serialized messages are always UTF-8.
    let has_kept = |part: &[u8]| std::str::from_utf8(part).is_ok_and(|text| text.contains(KEPT));
    if !has_kept(printed) {
        return Cow::Borrowed(printed);
    }
    let mut changed = Vec::with_capacity(printed.len());
    for line in printed.split_inclusive(|byte| *byte == b'\n') {
        let (name, json) = match line.strip_prefix(b"data:".as_slice()) {
            Some(json) => ("data: ", json),
            None => ("", line),
        };
        let mut message = match has_kept(json) {
            true => serde_json::from_slice::<Value>(json).unwrap_or_default(),
            false => Value::Null,
        };
        if restore(&mut message) {
            changed.extend_from_slice(name.as_bytes());
            changed.extend_from_slice(message.to_string().as_bytes());
            changed.extend_from_slice(if line.ends_with(b"\n") { b"\n" } else { b"" });
        } else {
            changed.extend_from_slice(line);
        }
    }
    Cow::Owned(changed)
}

/// Replaces the parsed questions of a message with the original questions. Returns whether the message contained original questions.
fn restore(message: &mut Value) -> bool {
    let Some(result) = message.get_mut("result").and_then(Value::as_object_mut) else { return false };
    if result.get("resultType").and_then(Value::as_str) != Some("input_required") {
        return false;
    }
    let Some(Value::Object(meta)) = result.get_mut("_meta") else { return false };
    let Some(questions) = meta.remove(KEPT) else { return false };
    if meta.is_empty() {
        result.remove("_meta");
    }
    result.insert("inputRequests".to_owned(), questions);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use rmcp::model::{InputRequests, NumberOrString};
    use serde_json::json;

    fn result(questions: &Value) -> InputRequiredResult {
        let requests: InputRequests = serde_json::from_value(questions.clone()).unwrap();
        let mut result = InputRequiredResult::new(Some(requests), Some("state".to_owned()));
        keep(&mut result, questions.as_object().unwrap().clone());
        result
    }

    fn form(property: &Value) -> Value {
        let schema = json!({ "type": "object", "properties": { "name": property } });
        json!({ "q": { "method": "elicitation/create", "params": { "mode": "form", "message": "Who?", "requestedSchema": schema } } })
    }

    #[test]
    fn form_with_unknown_keywords_is_forwarded_unchanged() {
        let questions = form(&json!({ "type": "string", "pattern": "^a", "x-order": { "data:": 1 } }));
        let message = JsonRpcMessage::response(
            ServerResult::InputRequiredResult(result(&questions)),
            NumberOrString::Number(7),
        );
        let printed: Value = serde_json::from_slice(&print(&message).unwrap().unwrap()).unwrap();
        let expected = json!({ "jsonrpc": "2.0", "id": 7, "result": {
            "resultType": "input_required", "inputRequests": questions, "requestState": "state",
        } });
        assert_eq!(printed, expected);
        let by_sdk = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&restored(by_sdk.as_bytes())).unwrap(), expected);
        let event = format!("event: message\nid: 3\ndata: {by_sdk}\n\n");
        let restored = String::from_utf8(restored(event.as_bytes()).into_owned()).unwrap();
        let data =
            restored.strip_prefix("event: message\nid: 3\ndata: ").unwrap().strip_suffix("\n\n").unwrap();
        assert_eq!(serde_json::from_str::<Value>(data).unwrap(), expected);
    }

    #[test]
    fn result_of_a_server_cannot_forge_the_marker_of_unchanged_questions() {
        let told = json!({ "id": 1, "result": { "resultType": "complete", "_meta": { KEPT: { "q": {} } } } });
        let printed = told.to_string();
        assert_eq!(&*restored(printed.as_bytes()), printed.as_bytes());
        let exact = form(&json!({ "type": "string", "minLength": 2 }));
        assert!(result(&exact).meta.is_none());
    }
}
