//! Conversion of the JSON-RPC errors of servers.

use jackfield_runtime::{CallError, Capabilities, RemoteProblem};
use serde_json::Value;

use crate::wire::incoming::AnsweredError;

/// The code for a request that needs a capability that the client has not declared.
const MISSING_CAPABILITY: i64 = -32021;
const INVALID_PARAMS: i64 = -32602;
/// The code for a missing resource up to revision 2025-11-25. Later revisions use `INVALID_PARAMS`.
const NO_RESOURCE: i64 = -32002;

/// Converts a JSON-RPC error: to `CallError::MissingCapability` if it names capabilities that the gateway knows, else to the `Err` value.
pub(super) fn problem_of(error: AnsweredError) -> Result<CallError, RemoteProblem> {
    let AnsweredError { mut code, message, data } = error;
    if code == MISSING_CAPABILITY {
        let missing = capabilities(&data["requiredCapabilities"]);
        if missing != Capabilities::default() {
            return Ok(CallError::MissingCapability(missing));
        }
    }
    if code == INVALID_PARAMS && data["uri"].is_string() {
        code = NO_RESOURCE;
    }
    Err(RemoteProblem::Answered { code, message })
}

/// Parses the capabilities that a server requires.
fn capabilities(named: &Value) -> Capabilities {
    let has = |name: &str| named[name].is_object();
    let has_mode = |name: &str, mode: &str| named[name][mode].is_object();
    Capabilities::default()
        .elicitation(has_mode("elicitation", "form") || has("elicitation") && !has_mode("elicitation", "url"))
        .addresses(has_mode("elicitation", "url"))
        .sampling(has("sampling"))
        .sampling_tools(has_mode("sampling", "tools"))
        .roots(has("roots"))
        .tasks(has_mode("extensions", "io.modelcontextprotocol/tasks"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(code: i64, data: Value) -> Result<CallError, RemoteProblem> {
        problem_of(AnsweredError { code, message: "no".to_owned(), data })
    }

    #[test]
    fn capability_is_parsed_from_the_missing_capability_error_of_a_server() {
        let all = Capabilities::default();
        for (required, expected) in [
            (json!({ "sampling": {} }), all.sampling(true)),
            (json!({ "elicitation": {} }), all.elicitation(true)),
            (json!({ "elicitation": { "url": {} } }), all.addresses(true)),
            (json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } }), all.tasks(true)),
        ] {
            let found = of(MISSING_CAPABILITY, json!({ "requiredCapabilities": required }));
            assert!(matches!(found, Ok(CallError::MissingCapability(it)) if it == expected), "{required}");
        }
        for data in [Value::Null, json!({ "requiredCapabilities": { "x": {} } }), json!("sampling")] {
            assert!(matches!(
                of(MISSING_CAPABILITY, data),
                Err(RemoteProblem::Answered { code: -32021, .. })
            ));
        }
    }

    #[test]
    fn resource_not_found_error_is_recognized_in_every_protocol_revision() {
        for (code, data) in [(INVALID_PARAMS, json!({ "uri": "x:1" })), (NO_RESOURCE, Value::Null)] {
            assert!(matches!(of(code, data), Err(RemoteProblem::Answered { code: NO_RESOURCE, .. })));
        }
        assert!(matches!(
            of(INVALID_PARAMS, Value::Null),
            Err(RemoteProblem::Answered { code: INVALID_PARAMS, .. })
        ));
    }
}
