//! Common tool calls, which are parsed without the SDK.

use rmcp::model::{
    CallToolRequest, CallToolRequestParams, ClientRequest, JsonRpcMessage, NumberOrString, RequestMetaObject,
};
use rmcp::service::{RoleServer, RxJsonRpcMessage};
use serde_json::{Map, Value};

use super::usual_message::UsualMessage;
use crate::reply::verbatim::Verbatim;

/// A tool call without uncommon members.
pub(super) struct UsualCall {
    pub(super) id: NumberOrString,
    pub(super) name: String,
    pub(super) arguments: Option<Map<String, Value>>,
    pub(super) meta: Option<Map<String, Value>>,
}

impl UsualCall {
    /// Parses a message. Returns `None` if the message is not a common tool call. The SDK has to parse such a message.
    pub(super) fn of(message: &UsualMessage<'_>) -> Option<Self> {
        if message.method != "tools/call" {
            return None;
        }
        let (mut name, mut arguments, mut meta) = (None, None, None);
        for (key, text) in Verbatim::check(message.params?)?.members {
            match key {
                "name" => name = Some(serde_json::from_str(text).ok()?),
                "arguments" => arguments = Some(object(text)?),
                "_meta" => meta = Some(object(text)?),
                _ => return None,
            }
        }
        Some(Self { id: message.id()?, name: name?, arguments, meta })
    }

    /// Whether the client expects only a response: no progress, and nothing else that the protocol's metadata can request.
    pub(super) fn wants_only_an_answer(&self) -> bool {
        let is_of_protocol =
            |key: &String| key == "progressToken" || key.starts_with("io.modelcontextprotocol/");
        !self.meta.iter().flat_map(Map::keys).any(is_of_protocol)
    }

    /// Converts the call to the message that the SDK would have parsed.
    pub(super) fn into_message(self) -> RxJsonRpcMessage<RoleServer> {
        let mut call = CallToolRequest::new(CallToolRequestParams::new(self.name));
        call.params.arguments = self.arguments;
        if let Some(meta) = self.meta {
            call.extensions.insert(RequestMetaObject::from(meta));
        }
        JsonRpcMessage::request(ClientRequest::CallToolRequest(call), self.id)
    }
}

fn object(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Option<UsualCall> {
        UsualCall::of(&UsualMessage::parse(line.as_bytes())?)
    }

    /// Parses the message in a line with the SDK.
    fn by_sdk(line: &str) -> RxJsonRpcMessage<RoleServer> {
        serde_json::from_str(line).unwrap()
    }

    fn shown(message: &RxJsonRpcMessage<RoleServer>) -> String {
        // The `Debug` output contains the extensions, in which `_meta` is stored.
        format!("{message:?} {}", serde_json::to_value(message).unwrap())
    }

    #[test]
    fn tool_call_in_the_usual_form_is_parsed_as_by_the_sdk() {
        for line in [
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}"#,
            r#"{"id":"x","params":{"arguments":{"a":[1,2.5,{"b":null}]},"name":"é"},"method":"tools/call","jsonrpc":"2.0"}"#,
            r#" { "jsonrpc" : "2.0", "id" : -5, "method" : "tools/call", "params" : { "name" : "", "arguments" : {} } } "#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","_meta":{"progressToken":3,"x":{}}}}"#,
        ] {
            let call = parse(line).unwrap_or_else(|| panic!("{line}")).into_message();
            assert_eq!(shown(&call), shown(&by_sdk(line)));
        }
    }

    #[test]
    fn message_in_an_unusual_form_is_handled_by_the_sdk() {
        for line in [
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"name":"tools/call"}}"#,
            r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"a"}}"#,
            r#"{"jsonrpc":"1.0","id":1,"method":"tools/call","params":{"name":"a"}}"#,
            r#"{"id":1,"method":"tools/call","params":{"name":"a"}}"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"tools/call","params":{"name":"a"}}"#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"tools/call","params":{"name":"a"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/call","params":{"name":"a"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"},"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":1}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":[]}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":null}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","requestState":"x"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#,
            r#"["tools/call"]"#,
            r#""tools/call""#,
            r#"{"tools/call""#,
        ] {
            assert!(parse(line).is_none(), "{line}");
        }
    }
}
