//! Common messages of clients, which are parsed without the SDK.
//!
//! The SDK parses a message by trying every kind of message in turn, which takes longer than the rest of a tool call.

use rmcp::model::NumberOrString;

use crate::reply::verbatim::Verbatim;

/// The members of a request or a notification without uncommon members. Their values are not parsed yet.
pub(super) struct UsualMessage<'m> {
    pub(super) method: &'m str,
    id: Option<&'m str>,
    pub(super) params: Option<&'m str>,
}

impl<'m> UsualMessage<'m> {
    /// Parses a message. Returns `None` if the message has uncommon members. The SDK has to parse such a message.
    pub(super) fn parse(message: &'m [u8]) -> Option<Self> {
        let message = Verbatim::check(std::str::from_utf8(message).ok()?)?;
        let (mut has_version, mut method, mut id, mut params) = (false, None, None, None);
        for (key, text) in message.members {
            match key {
                "jsonrpc" if text == "\"2.0\"" => has_version = true,
                "method" => method = Some(text.strip_prefix('"')?.strip_suffix('"')?),
                "id" => id = Some(text),
                "params" => params = Some(text),
                _ => return None,
            }
        }
        if has_version { Some(Self { method: method?, id, params }) } else { None }
    }

    /// Returns the JSON-RPC id. Returns `None` if the message is a notification, or if its id is uncommon.
    pub(super) fn id(&self) -> Option<NumberOrString> {
        id_of(self.id?)
    }

    /// Returns the id of the call that the message cancels.
    pub(super) fn cancelled_call(&self) -> Option<NumberOrString> {
        if self.method != "notifications/cancelled" || self.id.is_some() {
            return None;
        }
        let members = Verbatim::check(self.params?)?.members;
        id_of(members.into_iter().find(|(key, _)| *key == "requestId")?.1)
    }
}

fn id_of(text: &str) -> Option<NumberOrString> {
    if text.starts_with('"') {
        return Some(NumberOrString::String(serde_json::from_str::<String>(text).ok()?.into()));
    }
    text.parse().ok().map(NumberOrString::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_id_is_parsed_from_a_cancelled_notification() {
        let cancelled = |line: &str| UsualMessage::parse(line.as_bytes())?.cancelled_call();
        let line = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"late"}}"#;
        assert_eq!(cancelled(line), Some(NumberOrString::Number(7)));
        assert_eq!(cancelled(&line.replace('7', "\"a\"")), Some(NumberOrString::String("a".into())));
        for (from, to) in [
            ("7", "7.5"),
            ("7", "null"),
            ("requestId", "request"),
            ("cancelled", "progress"),
            ("\"method\"", "\"id\":1,\"method\""),
            ("\"method\"", "\"more\":1,\"method\""),
            ("2.0", "1.0"),
        ] {
            assert_eq!(cancelled(&line.replace(from, to)), None, "{to}");
        }
    }
}
