//! The reply to a question that the client has not answered.

use serde_json::{Value, json};

use crate::wire::questions::Refusal;

/// The JSON-RPC error code for a refused sampling request.
const REFUSED: i64 = -1;

/// Returns the reply to a question that the client has not answered: `cancel` for an elicitation, an error for other methods.
pub(super) fn unanswered(method: &str) -> Result<Value, Refusal> {
    match method {
        "elicitation/create" => Ok(json!({ "action": "cancel" })),
        _ => Err(Refusal { code: REFUSED, message: "the client has not answered".to_owned() }),
    }
}
