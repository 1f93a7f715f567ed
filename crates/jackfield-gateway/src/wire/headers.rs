//! The headers of revision 2026-07-28 that repeat members of the request's message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use jackfield_runtime::header_arguments;
use serde_json::{Map, Value};

/// The first protocol revision without sessions.
pub(crate) const MODERN: &str = "2026-07-28";

const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");
/// The prefix of headers that repeat an argument.
const PARAM: &str = "mcp-param-";
/// The maximum number of headers that repeat arguments.
const MOST: usize = 64;

/// Adds the headers with the method of a message, and with the name, URI or task id of its target.
pub(super) fn add(headers: &mut HeaderMap, message: &Value) {
    let Some(method) = message["method"].as_str() else { return };
    insert(headers, METHOD, method);
    let params = &message["params"];
    let name = match method {
        "tools/call" | "prompts/get" => &params["name"],
        "resources/read" => &params["uri"],
        "tasks/get" | "tasks/update" | "tasks/cancel" => &params["taskId"],
        _ => &Value::Null,
    };
    if let Some(name) = name.as_str() {
        insert(headers, NAME, name);
    }
}

/// Returns the headers that repeat the arguments whose schema has the keyword `x-mcp-header`.
pub(crate) fn mirrored(schema: &Map<String, Value>, arguments: &Map<String, Value>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, argument) in header_arguments(schema, arguments) {
        let text = match argument {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => argument.to_string(),
            _ => continue,
        };
        if let Ok(name) = format!("{PARAM}{name}").to_ascii_lowercase().parse::<HeaderName>()
            && headers.len() < MOST
        {
            insert(&mut headers, name, &text);
        }
    }
    headers
}

/// Inserts a header. A value that is not allowed in a header is encoded in Base64.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    let is_plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && value.trim_matches(' ').len() == value.len()
        && !(value.starts_with("=?base64?") && value.ends_with("?="));
    let value = if is_plain { value.to_owned() } else { format!("=?base64?{}?=", STANDARD.encode(value)) };
    if let Ok(value) = HeaderValue::from_str(&value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn headers_of_a_request_contain_its_mcp_method_and_target_name() {
        for (message, method, name) in [
            (json!({ "method": "tools/call", "params": { "name": "a" } }), "tools/call", Some("a")),
            (
                json!({ "method": "resources/read", "params": { "uri": "x:é" } }),
                "resources/read",
                Some("=?base64?eDrDqQ==?="),
            ),
            (
                json!({ "method": "prompts/get", "params": { "name": " p" } }),
                "prompts/get",
                Some("=?base64?IHA=?="),
            ),
            (json!({ "method": "tools/list", "params": {} }), "tools/list", None),
        ] {
            let mut headers = HeaderMap::new();
            add(&mut headers, &message);
            assert_eq!(headers[&METHOD], method);
            assert_eq!(headers.get(&NAME).map(|it| it.to_str().unwrap()), name);
        }
    }

    #[test]
    fn arguments_whose_schema_has_x_mcp_header_are_repeated_in_headers() {
        let schema = json!({ "properties": {
            "region": { "type": "string", "x-mcp-header": "Region" },
            "deep": { "properties": { "count": { "type": "integer", "x-mcp-header": "Count" } } },
            "bad": { "type": "string", "x-mcp-header": "a b\r\n" },
            "list": { "type": "array", "x-mcp-header": "List" },
            "plain": { "type": "string" },
        } });
        let arguments =
            json!({ "region": "eu\r\nx: y", "deep": { "count": 3 }, "bad": "x", "list": [1], "plain": "p" });
        let headers = mirrored(schema.as_object().unwrap(), arguments.as_object().unwrap());
        let mut found: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        found.sort_unstable();
        assert_eq!(found, [("mcp-param-count", "3"), ("mcp-param-region", "=?base64?ZXUNCng6IHk=?=")]);
    }
}
