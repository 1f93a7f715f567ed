//! Common requests for tool lists, which are answered from prepared text without the SDK.

use rmcp::model::NumberOrString;
use serde_json::{Map, Value};

use super::usual_message::UsualMessage;
use crate::common::caller::Agent;
use crate::reply::verbatim::Verbatim;

const REVISION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const CLIENT: &str = "io.modelcontextprotocol/clientInfo";

/// A request for a tool list without uncommon members.
#[derive(Debug, PartialEq)]
pub(super) struct UsualList {
    pub(super) id: NumberOrString,
    pub(super) cursor: Option<String>,
    meta: Option<Map<String, Value>>,
}

impl UsualList {
    /// Parses a message. Returns `None` if the message is not a common request for a tool list. The SDK has to parse such a message.
    pub(super) fn of(message: &UsualMessage<'_>) -> Option<Self> {
        if message.method != "tools/list" {
            return None;
        }
        let (mut cursor, mut meta) = (None, None);
        if let Some(params) = message.params {
            for (key, text) in Verbatim::check(params).filter(|_| params.starts_with('{'))?.members {
                match key {
                    "cursor" => cursor = Some(serde_json::from_str(text).ok()?),
                    "_meta" => meta = Some(serde_json::from_str(text).ok()?),
                    _ => return None,
                }
            }
        }
        Some(Self { id: message.id()?, cursor, meta })
    }

    /// Whether the request has no metadata, as in revisions with a handshake.
    pub(super) const fn has_no_meta(&self) -> bool {
        self.meta.is_none()
    }

    /// Returns the client that the metadata of a request of revision `revision` names, if any. The outer value is
    /// `None` unless the metadata has exactly the required members.
    pub(super) fn client(&self, revision: &str) -> Option<Option<Agent>> {
        let meta = self.meta.as_ref()?;
        let is_known = meta.keys().all(|key| [REVISION, CAPABILITIES, CLIENT].contains(&key.as_str()));
        let fits =
            meta.get(REVISION)? == revision && meta.get(CAPABILITIES)?.as_object()?.is_empty() && is_known;
        let client = match meta.get(CLIENT) {
            None => None,
            Some(Value::Object(client)) if client.len() == 2 => {
                let text = |key: &str| Some(client.get(key)?.as_str()?.to_owned());
                Some(Agent { name: text("name")?, version: text("version")? })
            }
            Some(_) => return None,
        };
        fits.then_some(client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Option<UsualList> {
        UsualList::of(&UsualMessage::parse(line.as_bytes())?)
    }

    #[test]
    fn list_request_in_an_unusual_form_is_handled_by_the_sdk() {
        for line in [
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":"a","method":"tools/list","params":{"cursor":"0-1"}}"#,
            r#"{"method":"tools/list","params":{},"id":-1,"jsonrpc":"2.0"}"#,
        ] {
            assert!(parse(line).is_some_and(|list| list.has_no_meta()), "{line}");
        }
        for line in [
            r#"{"jsonrpc":"2.0","method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":null}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":1}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"x":1}}"#,
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}"#,
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    #[test]
    fn list_request_with_incomplete_metadata_is_handled_by_the_sdk() {
        let client = |meta: &str| {
            let line =
                format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{"_meta":{meta}}}}}"#);
            parse(&line).unwrap().client("2026-07-28")
        };
        let required = format!(r#""{REVISION}":"2026-07-28","{CAPABILITIES}":{{}}"#);
        assert_eq!(client(&format!("{{{required}}}")), Some(None));
        let agent = Agent { name: "a".to_owned(), version: "1".to_owned() };
        let named = format!(r#"{{{required},"{CLIENT}":{{"name":"a","version":"1"}}}}"#);
        assert_eq!(client(&named), Some(Some(agent)));
        for meta in [
            "{}".to_owned(),
            format!(r#"{{"{REVISION}":"2026-07-28"}}"#),
            format!(r#"{{"{REVISION}":"2025-11-25","{CAPABILITIES}":{{}}}}"#),
            format!(r#"{{{required},"traceparent":"x"}}"#),
            format!(r#"{{{required},"{CLIENT}":{{"name":"a"}}}}"#),
        ] {
            assert_eq!(client(&meta), None, "{meta}");
        }
    }
}
