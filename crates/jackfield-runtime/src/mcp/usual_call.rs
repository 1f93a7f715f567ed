//! Common tool calls, which are parsed without the SDK.
//!
//! The SDK parses a message by trying every kind of message in turn, which takes longer than the rest of a
//! tool call.

use rmcp::model::{
    CallToolRequest, CallToolRequestParams, ClientRequest, JsonRpcMessage, NumberOrString, RequestMetaObject,
};
use rmcp::service::{RoleServer, RxJsonRpcMessage};
use serde_json::{Map, Value};

use crate::reply::verbatim::Verbatim;

/// A tool call without uncommon members.
pub(super) struct UsualCall {
    pub(super) id: NumberOrString,
    pub(super) name: String,
    pub(super) arguments: Option<Map<String, Value>>,
    pub(super) meta: Option<Map<String, Value>>,
}

impl UsualCall {
    /// Parses a message. Returns `None` if the message is not a common tool call, so that the SDK has to parse it.
    pub(super) fn parse(message: &[u8]) -> Option<Self> {
        let message = Verbatim::check(std::str::from_utf8(message).ok()?)?;
        let (mut id, mut params, mut others) = (None, None, 0);
        for (key, text) in message.members {
            match (key, text) {
                ("jsonrpc", "\"2.0\"") | ("method", "\"tools/call\"") => others += 1,
                ("id", text) if text.starts_with('"') => {
                    id = Some(NumberOrString::String(string(text)?.into()));
                }
                ("id", text) => id = Some(NumberOrString::Number(text.parse().ok()?)),
                ("params", text) => params = Some(Verbatim::check(text)?),
                _ => return None,
            }
        }
        if others != 2 {
            return None;
        }
        let (mut name, mut arguments, mut meta) = (None, None, None);
        for (key, text) in params?.members {
            match key {
                "name" => name = Some(string(text)?),
                "arguments" => arguments = Some(object(text)?),
                "_meta" => meta = Some(object(text)?),
                _ => return None,
            }
        }
        Some(Self { id: id?, name: name?, arguments, meta })
    }

    /// Whether the client expects nothing but an answer: no progress, and nothing else that metadata of the protocol asks for.
    #[cfg(feature = "http")]
    pub(super) fn wants_only_an_answer(&self) -> bool {
        let is_of_protocol =
            |key: &String| key == "progressToken" || key.starts_with("io.modelcontextprotocol/");
        !self.meta.iter().flat_map(Map::keys).any(is_of_protocol)
    }

    /// The message as the SDK parses it.
    pub(super) fn into_message(self) -> RxJsonRpcMessage<RoleServer> {
        let mut call = CallToolRequest::new(CallToolRequestParams::new(self.name));
        call.params.arguments = self.arguments;
        if let Some(meta) = self.meta {
            call.extensions.insert(RequestMetaObject::from(meta));
        }
        JsonRpcMessage::request(ClientRequest::CallToolRequest(call), self.id)
    }
}

fn string(text: &str) -> Option<String> {
    serde_json::from_str(text).ok()
}

fn object(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses the message in a line with the SDK.
    fn by_sdk(line: &str) -> RxJsonRpcMessage<RoleServer> {
        serde_json::from_str(line).unwrap()
    }

    fn shown(message: &RxJsonRpcMessage<RoleServer>) -> String {
        // The `Debug` output contains the extensions, in which `_meta` is stored.
        format!("{message:?} {}", serde_json::to_value(message).unwrap())
    }

    #[test]
    fn common_tool_call_is_parsed_as_by_the_sdk() {
        for line in [
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}"#,
            r#"{"id":"x","params":{"arguments":{"a":[1,2.5,{"b":null}]},"name":"é"},"method":"tools/call","jsonrpc":"2.0"}"#,
            r#" { "jsonrpc" : "2.0", "id" : -5, "method" : "tools/call", "params" : { "name" : "", "arguments" : {} } } "#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","_meta":{"progressToken":3,"x":{}}}}"#,
        ] {
            let call = UsualCall::parse(line.as_bytes()).unwrap_or_else(|| panic!("{line}")).into_message();
            assert_eq!(shown(&call), shown(&by_sdk(line)));
        }
    }

    #[test]
    fn uncommon_message_is_handled_by_the_sdk() {
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
            assert!(UsualCall::parse(line.as_bytes()).is_none(), "{line}");
        }
    }
}
