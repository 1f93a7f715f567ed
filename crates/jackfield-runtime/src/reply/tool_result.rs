//! The result of a tool call.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::structured::StructuredContent;
use crate::common::text::amount;

/// The maximum number of bytes of a result. MCP hosts keep the whole result in the conversation.
pub(crate) const MOST_BYTES: usize = 1024 * 1024;

/// The result of a tool call: text, structured content and files.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolResult {
    pub(crate) text: String,
    pub(crate) structured: Option<StructuredContent>,
    pub(crate) extras: Vec<Extra>,
    pub(crate) is_error: bool,
    /// The metadata of a result that another server sent. `None` for any other result.
    pub(crate) relayed: Option<Box<Map<String, Value>>>,
}

/// Further content of a result, in addition to its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Extra {
    /// A note about the text.
    Note(String),
    /// An image, in base64.
    Image { media_type: String, data: String },
    /// Audio, in base64.
    Audio { address: String, media_type: String, data: String },
    /// Any other file, in base64.
    Blob { address: String, media_type: String, data: String },
    /// A text resource.
    Embedded { address: String, media_type: Option<String>, text: String },
    /// A file that is too large to be returned, with its size if it is known.
    Link { address: String, name: String, media_type: String, size: Option<u64> },
    /// A content block as another server sent it.
    Relayed(Value),
}

impl ToolResult {
    /// Creates a text result.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), structured: None, extras: Vec::new(), is_error: false, relayed: None }
    }

    /// Creates a structured result. Clients accept only objects, so any other value is wrapped in an object. The text contains
    /// the value itself.
    pub fn json(value: Value) -> Self {
        let text = value.to_string();
        Self::spelled(value, text)
    }

    /// Creates a structured result with a separate text.
    pub(crate) fn spelled(value: Value, text: String) -> Self {
        Self { structured: Some(StructuredContent::of(value)), ..Self::text(text) }
    }

    /// Creates a structured result from JSON text, which must be valid and without whitespace between tokens.
    pub(crate) fn verbatim(text: String) -> Self {
        Self { structured: Some(StructuredContent::of_text(&text)), ..Self::text(text) }
    }

    /// Creates a failure that the model can act on.
    pub fn error(text: impl Into<String>) -> Self {
        Self { is_error: true, ..Self::text(text) }
    }

    /// Creates a result from a file that was received from `address`: an image, audio, or a resource, depending on its media
    /// type. A file of more than 1 MiB is only named.
    pub fn file(address: impl Into<String>, media_type: impl Into<String>, bytes: &[u8]) -> Self {
        let address = address.into();
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        Self::named_file(address, last, media_type.into(), bytes, Some(bytes.len()))
    }

    /// Creates a result from a named file. `bytes` are the received bytes, and `size` is the full size, if it is known.
    pub(crate) fn named_file(
        address: String,
        name: String,
        media_type: String,
        bytes: &[u8],
        size: Option<usize>,
    ) -> Self {
        if size.is_none_or(|size| size > MOST_BYTES) {
            let there_are = size.map_or_else(|| format!("More than {}", amount(bytes.len())), amount);
            let text = format!(
                "{there_are} of {media_type}: more than the limit of a result, {}.",
                amount(MOST_BYTES)
            );
            let size = size.and_then(|size| u64::try_from(size).ok());
            return Self {
                extras: vec![Extra::Link { address, name, media_type, size }],
                ..Self::text(text)
            };
        }
        let text = format!("{} of {media_type}.", amount(bytes.len()));
        let data = STANDARD.encode(bytes);
        let extra = match media_type.split('/').next() {
            Some("image") => Extra::Image { media_type, data },
            Some("audio") => Extra::Audio { address, media_type, data },
            _ => Extra::Blob { address, media_type, data },
        };
        Self { extras: vec![extra], ..Self::text(text) }
    }

    /// Adds a note about the result. The note is not part of the content.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.extras.push(Extra::Note(text.into()));
        self
    }

    /// Returns the text.
    pub fn as_text(&self) -> &str {
        &self.text
    }

    /// Returns the structured content, which is always an object.
    pub fn structured(&self) -> Option<&Value> {
        self.structured.as_ref().map(StructuredContent::value)
    }

    /// Returns the notes about the result.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.extras.iter().filter_map(|extra| match extra {
            Extra::Note(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Whether the call failed.
    pub const fn is_error(&self) -> bool {
        self.is_error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_reply_becomes_mcp_content_of_its_media_type() {
        let address = "https://example.com/covers/1";
        let kinds = ["image/png", "audio/ogg", "application/pdf"].map(|media_type| {
            match ToolResult::file(address, media_type, b"abc").extras.remove(0) {
                Extra::Image { data, .. } => format!("image {data}"),
                Extra::Audio { data, .. } => format!("audio {data}"),
                Extra::Blob { address, data, .. } => format!("{address} {data}"),
                other => format!("{other:?}"),
            }
        });
        assert_eq!(kinds, ["image YWJj", "audio YWJj", "https://example.com/covers/1 YWJj"]);
    }

    #[test]
    fn large_file_is_named_and_not_returned() {
        let large = vec![0; MOST_BYTES + MOST_BYTES / 2];
        let result = ToolResult::file("https://example.com/a/b.zip", "application/zip", &large);
        assert_eq!(result.as_text(), "1.5 MiB of application/zip: more than the limit of a result, 1 MiB.");
        let link = Extra::Link {
            address: "https://example.com/a/b.zip".to_owned(),
            name: "b.zip".to_owned(),
            media_type: "application/zip".to_owned(),
            size: Some(1_572_864),
        };
        assert_eq!(result.extras, [link]);
    }
}
