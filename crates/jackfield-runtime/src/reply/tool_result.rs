//! What a tool call comes to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::common::text::amount;

/// How many bytes of an answer are handed over: hosts keep a result in the conversation, whole.
pub(crate) const MOST_BYTES: usize = 1024 * 1024;

/// What a tool call comes to: words, data beside them, and files.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolResult {
    pub(crate) text: String,
    pub(crate) structured: Option<Value>,
    pub(crate) extras: Vec<Extra>,
    pub(crate) is_error: bool,
}

/// What stands beside the words of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Extra {
    /// Words about the words.
    Note(String),
    /// A picture, in base64.
    Image { media_type: String, data: String },
    /// A sound, in base64.
    Audio { address: String, media_type: String, data: String },
    /// Any other file, in base64.
    Blob { address: String, media_type: String, data: String },
    /// A file that is too large to be handed over, with its size where that is known.
    Link { address: String, name: String, media_type: String, size: Option<u64> },
}

impl ToolResult {
    /// A result in words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), structured: None, extras: Vec::new(), is_error: false }
    }

    /// A result as data. Clients accept objects alone, so another value is wrapped for them; the text stays as it is.
    pub fn json(value: Value) -> Self {
        let text = value.to_string();
        Self::spelled(value, text)
    }

    /// The same, where the text is in a spelling of its own.
    pub(crate) fn spelled(value: Value, text: String) -> Self {
        let structured = match value {
            Value::Object(_) => value,
            Value::Array(_) => json!({ "items": value }),
            _ => json!({ "value": value }),
        };
        Self { structured: Some(structured), ..Self::text(text) }
    }

    /// A failure that the model can act on.
    pub fn error(text: impl Into<String>) -> Self {
        Self { is_error: true, ..Self::text(text) }
    }

    /// A file that came from `address`: a picture, a sound, or a resource, as its media type says. One of more than a
    /// mebibyte is named and not handed over.
    pub fn file(address: impl Into<String>, media_type: impl Into<String>, bytes: &[u8]) -> Self {
        let address = address.into();
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        Self::named_file(address, last, media_type.into(), bytes, Some(bytes.len()))
    }

    /// The same, of which these bytes have come, and so many there are.
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
                "{there_are} of {media_type}: more than can be handed over here, which is {}.",
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

    /// The same, with words about it that are no part of it.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.extras.push(Extra::Note(text.into()));
        self
    }

    /// The words.
    pub fn as_text(&self) -> &str {
        &self.text
    }

    /// The data, always an object.
    pub const fn structured(&self) -> Option<&Value> {
        self.structured.as_ref()
    }

    /// The words about the words.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.extras.iter().filter_map(|extra| match extra {
            Extra::Note(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Whether it failed.
    pub const fn is_error(&self) -> bool {
        self.is_error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_becomes_what_its_type_says() {
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
    fn a_large_file_is_named_and_no_more() {
        let large = vec![0; MOST_BYTES + MOST_BYTES / 2];
        let result = ToolResult::file("https://example.com/a/b.zip", "application/zip", &large);
        assert_eq!(
            result.as_text(),
            "1.5 MiB of application/zip: more than can be handed over here, which is 1 MiB."
        );
        let link = Extra::Link {
            address: "https://example.com/a/b.zip".to_owned(),
            name: "b.zip".to_owned(),
            media_type: "application/zip".to_owned(),
            size: Some(1_572_864),
        };
        assert_eq!(result.extras, [link]);
    }
}
