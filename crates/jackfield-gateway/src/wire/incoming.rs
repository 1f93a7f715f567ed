//! Messages that a server sends.

use serde_json::{Map, Value};

use super::printed_length::fits;

/// The maximum number of characters of a server's error message that are kept.
const LONGEST_ERROR: usize = 2000;

/// The maximum number of bytes of the `data` of a server's error. Longer data is dropped.
const LONGEST_DATA: usize = 4096;

/// The maximum number of characters of the method of a server's request, and of bytes of its JSON-RPC id. The response repeats both.
const LONGEST_METHOD: usize = 100;
const LONGEST_ID: usize = 256;

/// A JSON-RPC error of a server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AnsweredError {
    pub(crate) code: i64,
    pub(crate) message: String,
    /// The `data` of the error. Null if it is missing or too long.
    pub(crate) data: Value,
}

/// A message that a server sends.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    /// The response to a request of this gateway.
    Answer(u64, Result<Value, AnsweredError>),
    /// A request of the server, which has to be answered.
    Request(Value, String, Map<String, Value>),
    /// A notification.
    Notice(String, Map<String, Value>),
    /// An invalid message, such as a response whose id is a string.
    Other,
}

impl Incoming {
    /// Classifies a message by its members.
    pub(super) fn of(message: Value) -> Self {
        let Value::Object(mut message) = message else { return Self::Other };
        let id = message.remove("id");
        if let Some(Value::String(method)) = message.remove("method") {
            let method = method.chars().take(LONGEST_METHOD).collect();
            let params = match message.remove("params") {
                Some(Value::Object(params)) => params,
                _ => Map::new(),
            };
            return match id {
                Some(Value::String(id)) if id.len() > LONGEST_ID => Self::Other,
                Some(id @ (Value::String(_) | Value::Number(_))) => Self::Request(id, method, params),
                Some(_) => Self::Other,
                None => Self::Notice(method, params),
            };
        }
        let Some(id) = id.as_ref().and_then(Value::as_u64) else { return Self::Other };
        match (message.remove("result"), message.remove("error")) {
            (Some(result), None) => Self::Answer(id, Ok(result)),
            (None, Some(error)) => Self::Answer(id, Err(AnsweredError::of(&error))),
            _ => Self::Other,
        }
    }
}

impl AnsweredError {
    pub(super) fn of(error: &Value) -> Self {
        let message = error["message"].as_str().unwrap_or("an error without a message");
        Self {
            code: error["code"].as_i64().unwrap_or(0),
            message: message.chars().take(LONGEST_ERROR).collect(),
            data: error.get("data").filter(|data| fits(data, LONGEST_DATA)).cloned().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_rpc_message_is_classified_by_its_members() {
        let error = AnsweredError { code: -32602, message: "no".to_owned(), data: Value::Null };
        for (message, expected) in [
            (json!({ "id": 3, "result": { "a": 1 } }), Incoming::Answer(3, Ok(json!({ "a": 1 })))),
            (
                json!({ "id": 3, "error": { "code": -32602, "message": "no" } }),
                Incoming::Answer(3, Err(error)),
            ),
            (
                json!({ "id": "x", "method": "ping" }),
                Incoming::Request(json!("x"), "ping".to_owned(), Map::new()),
            ),
            (json!({ "method": "a", "params": [] }), Incoming::Notice("a".to_owned(), Map::new())),
            (json!({ "id": null, "method": "ping" }), Incoming::Other),
            (json!({ "id": "3", "result": {} }), Incoming::Other),
            (json!({ "id": 3, "result": {}, "error": {} }), Incoming::Other),
            (json!([{ "id": 3, "result": {} }]), Incoming::Other),
            (json!({ "id": 3.5, "result": {} }), Incoming::Other),
            (json!({ "id": "x".repeat(257), "method": "ping" }), Incoming::Other),
            (
                json!({ "id": 1, "method": "m".repeat(1 << 20) }),
                Incoming::Request(json!(1), "m".repeat(100), Map::new()),
            ),
        ] {
            assert_eq!(Incoming::of(message.clone()), expected, "{message}");
        }
    }
}
