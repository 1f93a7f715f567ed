//! The reply to a question that the client has not answered.

use serde_json::{Value, json};

use crate::wire::questions::Refusal;

/// The code with which clients refuse sampling.
const REFUSED: i64 = -1;

/// The reply to a question that the client has not answered.
pub(super) fn unanswered(method: &str) -> Result<Value, Refusal> {
    match method {
        "elicitation/create" => Ok(json!({ "action": "cancel" })),
        _ => Err(Refusal { code: REFUSED, message: "the client has not answered".to_owned() }),
    }
}
