//! Hides the prefix that the gateway adds to names of tools, prompts and resources, because the suite looks for fixed names.

use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderValue};
use serde_json::Value;

use super::relay::Rules;

/// Rules of a relay that add the name of a connector to the names in requests, and remove it from the names in answers.
pub(super) struct Names(pub(super) &'static str);

impl Names {
    fn shown(&self, own: &str) -> String {
        format!("{}_{own}", self.0)
    }

    fn address(&self, own: &str) -> String {
        format!("{}+{own}", self.0)
    }

    fn change(&self, value: &mut Value, shown: impl Fn(&Self, &str) -> String) {
        if let Some(own) = value.as_str() {
            *value = shown(self, own).into();
        }
    }

    /// Removes the connector's name from URIs anywhere in a value.
    fn strip_addresses(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.strip_addresses(item)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    let is_address = matches!(key.as_str(), "uri" | "uriTemplate" | "resourceSubscriptions");
                    if is_address { self.strip_in(value) } else { self.strip_addresses(value) }
                }
            }
            _ => {}
        }
    }

    fn strip_in(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.strip_in(item)),
            value => {
                let own = value.as_str().and_then(|shown| shown.strip_prefix(&self.address("")));
                if let Some(own) = own.map(str::to_owned) {
                    *value = own.into();
                }
            }
        }
    }
}

impl Rules for Names {
    fn request(&self, headers: &mut HeaderMap, message: &mut Value) -> Option<(StatusCode, Value)> {
        let method = message["method"].as_str().unwrap_or_default().to_owned();
        let shown: fn(&Self, &str) -> String = match method.as_str() {
            "tools/call" | "prompts/get" => Self::shown,
            _ => Self::address,
        };
        if let Some(params) = message.get_mut("params").filter(|params| params.is_object()) {
            match method.as_str() {
                "tools/call" | "prompts/get" => self.change(&mut params["name"], shown),
                "resources/read" | "resources/subscribe" | "resources/unsubscribe" => {
                    self.change(&mut params["uri"], shown);
                }
                "completion/complete" => {
                    if let Some(reference) = params.get_mut("ref").filter(|it| it.is_object()) {
                        let (key, shown): (_, fn(&Self, &str) -> String) =
                            match reference["type"] == "ref/prompt" {
                                true => ("name", Self::shown),
                                false => ("uri", Self::address),
                            };
                        self.change(&mut reference[key], shown);
                    }
                }
                "subscriptions/listen" => {
                    let wanted = params.pointer_mut("/notifications/resourceSubscriptions");
                    for uri in wanted.and_then(Value::as_array_mut).into_iter().flatten() {
                        self.change(uri, shown);
                    }
                }
                _ => {}
            }
        }
        // The header of a task contains its id, which is not renamed.
        let is_named = matches!(method.as_str(), "tools/call" | "prompts/get" | "resources/read");
        let named = headers.get("mcp-name").filter(|_| is_named).and_then(|name| name.to_str().ok());
        if let Some(named) = named.and_then(|name| HeaderValue::from_str(&shown(self, name)).ok()) {
            headers.insert("mcp-name", named);
        }
        None
    }

    fn message(&self, message: &mut Value) {
        for list in ["tools", "prompts"] {
            let entries = message.get_mut("result").and_then(|result| result.get_mut(list));
            for entry in entries.and_then(Value::as_array_mut).into_iter().flatten() {
                let own = entry["name"].as_str().and_then(|shown| shown.strip_prefix(&self.shown("")));
                if let Some(own) = own.map(str::to_owned) {
                    entry["name"] = own.into();
                }
            }
        }
        self.strip_addresses(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn connector_prefix_is_added_to_names_in_requests_and_removed_in_answers() {
        let names = Names("s");
        for (own, shown) in [
            (
                json!({ "method": "tools/call", "params": { "name": "echo", "arguments": { "name": "x" } } }),
                json!({ "method": "tools/call", "params": { "name": "s_echo", "arguments": { "name": "x" } } }),
            ),
            (
                json!({ "method": "resources/read", "params": { "uri": "test://a" } }),
                json!({ "method": "resources/read", "params": { "uri": "s+test://a" } }),
            ),
            (
                json!({ "method": "completion/complete", "params": { "ref": { "type": "ref/prompt", "name": "p" } } }),
                json!({ "method": "completion/complete", "params": { "ref": { "type": "ref/prompt", "name": "s_p" } } }),
            ),
            (json!({ "method": "tools/call" }), json!({ "method": "tools/call" })),
        ] {
            let mut message = own;
            assert_eq!(names.request(&mut HeaderMap::new(), &mut message), None);
            assert_eq!(message, shown);
        }
        let mut answer = json!({ "result": {
            "tools": [{ "name": "s_echo", "title": "s_title" }],
            "contents": [{ "uri": "s+test://a", "text": "s+test://a" }],
        } });
        names.message(&mut answer);
        let expected = json!({ "result": {
            "tools": [{ "name": "echo", "title": "s_title" }],
            "contents": [{ "uri": "test://a", "text": "s+test://a" }],
        } });
        assert_eq!(answer, expected);
    }

    #[test]
    fn header_that_differs_from_the_body_still_differs_after_renaming() {
        let (names, mut headers) = (Names("s"), HeaderMap::new());
        headers.insert("mcp-name", HeaderValue::from_static("other"));
        let mut message = json!({ "method": "tools/call", "params": { "name": "echo" } });
        names.request(&mut headers, &mut message);
        assert_eq!(
            (&headers["mcp-name"], &message["params"]["name"]),
            (&HeaderValue::from_static("s_other"), &json!("s_echo"))
        );
    }
}
