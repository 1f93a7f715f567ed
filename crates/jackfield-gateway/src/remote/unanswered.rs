//! The answer to a question that nobody has answered.

use serde_json::{Value, json};

use crate::wire::questions::Refusal;

/// The code with which clients refuse sampling.
const REFUSED: i64 = -1;

/// The answer to a question that nobody has answered.
pub(super) fn unanswered(method: &str) -> Result<Value, Refusal> {
    match method {
        "elicitation/create" => Ok(json!({ "action": "cancel" })),
        _ => Err(Refusal { code: REFUSED, message: "the client has not answered".to_owned() }),
    }
}
