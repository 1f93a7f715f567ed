//! The replies of operations, which can be stored in a file.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value, json};

use crate::definitions::Definitions;
use crate::sample::{Fill, Limits, sample};
use crate::wire::{essence, is_json};

/// The limits of sampled replies. They are small, because people read the replies and files contain them.
const LIMITS: Limits = Limits { fill: Fill::Full, depth: 3, items: 2, values: 40 };
/// The maximum length of an example. A longer example in the document is replaced by a sample.
const LONGEST_EXAMPLE: usize = 4096;

/// A reply of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The media type. Empty if the reply has no body.
    pub media_type: String,
    /// The value of the body, before it is encoded in the media type.
    pub body: Value,
}

impl Reply {
    /// Creates a reply without a body.
    pub const fn empty(status: u16) -> Self {
        Self { status, media_type: String::new(), body: Value::Null }
    }

    /// Creates a reply with a JSON body.
    pub fn json(status: u16, body: Value) -> Self {
        Self { status, media_type: "application/json".to_owned(), body }
    }

    /// Creates a reply with a body of the given media type: the example in the document, or else a value that matches the schema.
    pub fn sampled(
        status: u16,
        media_type: &str,
        schema: Option<&Value>,
        example: Option<&Value>,
        defs: &dyn Definitions,
    ) -> Self {
        let example = example.filter(|example| example.to_string().len() <= LONGEST_EXAMPLE);
        let body = match (example, schema) {
            (Some(example), _) => example.clone(),
            (None, Some(schema)) => sample(schema, defs, LIMITS),
            (None, None) if is_json(media_type) => json!({}),
            (None, None) => "text".into(),
        };
        let media_type = if media_type.contains('*') { "application/json" } else { media_type };
        Self { status, media_type: media_type.to_owned(), body }
    }

    /// Returns the encoded body.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let kind = essence(&self.media_type);
        let text = match &self.body {
            body if is_json(&kind) => body.to_string(),
            Value::String(text) => text.clone(),
            body if kind == "text/event-stream" => format!("data: {body}\n\n"),
            Value::Array(items) if kind.contains("json") => {
                items.iter().map(|item| format!("{item}\n")).collect()
            }
            body if kind.ends_with("/xml") || kind.ends_with("+xml") => xml("reply", body),
            body => body.to_string(),
        };
        text.into_bytes()
    }
}

/// Encodes a value as XML: an element for each property, and an element for each item of an array.
fn xml(name: &str, value: &Value) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name: String = name.chars().map(|c| if is_name(c) { c } else { '_' }).collect();
    let content = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| xml(name, value)).collect(),
        Value::Array(items) => items.iter().map(|item| xml("item", item)).collect(),
        Value::Null => String::new(),
        Value::String(text) => text.replace('&', "&amp;").replace('<', "&lt;"),
        other => other.to_string(),
    };
    format!("<{name}>{content}</{name}>")
}

/// The replies of a connector's operations, by tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replies(BTreeMap<String, Reply>);

/// The error for replies that cannot be parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidReplies(String);

impl fmt::Display for InvalidReplies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the replies cannot be read: {}", self.0)
    }
}

impl std::error::Error for InvalidReplies {}

impl Replies {
    /// Adds or replaces the reply of a tool.
    pub fn add(&mut self, tool: impl Into<String>, reply: Reply) {
        self.0.insert(tool.into(), reply);
    }

    /// Returns the reply of a tool.
    pub fn get(&self, tool: &str) -> Option<&Reply> {
        self.0.get(tool)
    }

    /// Parses the text that [`Display`](fmt::Display) writes.
    ///
    /// # Errors
    /// Returns an error if the text is not JSON, or if a reply has no status.
    pub fn parse(text: &str) -> Result<Self, InvalidReplies> {
        let value: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| InvalidReplies(error.to_string()))?;
        let mut replies = Self::default();
        for (tool, reply) in value {
            let status = reply.get("status").and_then(Value::as_u64).and_then(|it| u16::try_from(it).ok());
            let status = status.filter(|status| (200..=599).contains(status));
            let status = status.ok_or_else(|| {
                InvalidReplies(format!("`{tool}` needs a `status` from 200 to 599, as in \"status\": 200"))
            })?;
            let media_type = reply.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
            let body = reply.get("body").cloned().unwrap_or_default();
            replies.add(tool, Reply { status, media_type, body });
        }
        Ok(replies)
    }
}

/// Writes JSON with one line for each tool.
impl fmt::Display for Replies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (at, (tool, reply)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let tool = Value::String(tool.clone());
            write!(f, "{comma}\n{tool}: {{\"status\": {}", reply.status)?;
            if !reply.media_type.is_empty() {
                let media_type = Value::String(reply.media_type.clone());
                write!(f, ", \"type\": {media_type}, \"body\": {}", reply.body)?;
            }
            f.write_str("}")?;
        }
        f.write_str("\n}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mock_replies_file_is_read_back_unchanged() {
        let mut replies = Replies::default();
        replies.add("b", Reply::empty(204));
        let schema = json!({ "type": "object", "properties": { "id": { "type": "integer" } } });
        replies.add("a", Reply::sampled(200, "application/json", Some(&schema), None, &()));
        let text = replies.to_string();
        assert_eq!(
            text,
            "{\n\"a\": {\"status\": 200, \"type\": \"application/json\", \"body\": {\"id\":1}},\n\"b\": {\"status\": 204}\n}\n"
        );
        assert_eq!(Replies::parse(&text), Ok(replies));
        assert_eq!(Replies::parse(&Replies::default().to_string()), Ok(Replies::default()));
        for wrong in ["[]", "{", r#"{"a": {}}"#, r#"{"a": {"status": 99}}"#] {
            assert!(Replies::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reply_body_is_encoded_in_its_media_type() {
        let schema = json!({ "type": "array", "items": { "type": "object", "properties": { "a<": { "type": "string" } } } });
        let bytes = |kind: &str| {
            String::from_utf8(Reply::sampled(200, kind, Some(&schema), None, &()).bytes()).unwrap()
        };
        assert_eq!(
            bytes("application/xml; charset=utf-8"),
            "<reply><item><a_>a-</a_></item><item><a_>a--2</a_></item></reply>"
        );
        assert_eq!(bytes("application/x-ndjson"), "{\"a<\":\"a-\"}\n{\"a<\":\"a--2\"}\n");
        assert_eq!(bytes("application/hal+json"), r#"[{"a<":"a-"},{"a<":"a--2"}]"#);
        assert_eq!(Reply::sampled(200, "image/png", None, None, &()).bytes(), b"text");
    }

    #[test]
    fn large_example_is_replaced_by_a_sample() {
        let example = json!("x".repeat(LONGEST_EXAMPLE));
        let reply =
            Reply::sampled(200, "application/json", Some(&json!({ "type": "integer" })), Some(&example), &());
        assert_eq!(reply.body, 1);
        let small = json!("x");
        assert_eq!(Reply::sampled(200, "*/*", None, Some(&small), &()).media_type, "application/json");
    }
}
