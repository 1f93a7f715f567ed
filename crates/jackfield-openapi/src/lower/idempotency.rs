//! Headers with which a service recognises a repeated request (ADR 0049).

use jackfield_model::{Location, WireName, is_idempotency_key};
use serde_json::Value;

use super::param::Param;

/// The extension that marks a parameter as an idempotency key, if the parameter's name does not show it.
const EXTENSION: &str = "x-idempotency-key";

/// The length of a UUID, which is sent as the key.
const UUID: u64 = 36;

/// Keywords that a UUID might violate.
const RESTRICTIONS: [&str; 4] = ["const", "enum", "pattern", "not"];

/// Returns the name of the header, if it is an idempotency key that can be a UUID.
pub(super) fn idempotency_key(param: &Param<'_>) -> Option<WireName> {
    let says = param.node.value().get(EXTENSION).and_then(Value::as_bool);
    let is_key =
        param.location == Location::Header && says.unwrap_or_else(|| is_idempotency_key(&param.wire));
    (is_key && takes_uuid(param)).then(|| param.wire.as_str().into())
}

fn takes_uuid(param: &Param<'_>) -> bool {
    // In Swagger 2.0, the parameter is its own schema.
    let Ok(schema) = param.schema_or_self().resolve() else { return false };
    let number = |key: &str| schema.value().get(key).and_then(Value::as_u64);
    let is_text = match schema.value().get("type") {
        None => true,
        Some(Value::Array(types)) => types.iter().any(|it| it == "string"),
        Some(name) => name == "string",
    };
    is_text
        && schema.text("format").is_none_or(|format| format == "uuid")
        && !RESTRICTIONS.iter().any(|key| schema.value().get(key).is_some())
        && number("maxLength").is_none_or(|most| most >= UUID)
        && number("minLength").is_none_or(|least| least <= UUID)
}
