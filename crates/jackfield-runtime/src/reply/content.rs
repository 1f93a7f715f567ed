//! Contents of prompts, resources and tool results.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::tool_result::{Extra, ToolResult};

/// The URI of audio, for revisions of the protocol in which audio is sent as an embedded resource.
const AUDIO_ADDRESS: &str = "content:audio";

/// A content of a prompt or of a tool result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Text.
    Text(String),
    /// An image.
    Image {
        /// Its media type.
        media_type: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Audio.
    Audio {
        /// Its media type.
        media_type: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A resource, with its contents.
    Resource(ResourceContents),
    /// A content block as another server sent it. A block of a kind that the protocol does not define becomes text.
    Relayed(Value),
}

impl Content {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An image.
    pub fn image(media_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::Image { media_type: media_type.into(), bytes: bytes.into() }
    }

    /// Audio.
    pub fn audio(media_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::Audio { media_type: media_type.into(), bytes: bytes.into() }
    }
}

impl From<ResourceContents> for Content {
    fn from(contents: ResourceContents) -> Self {
        Self::Resource(contents)
    }
}

/// A resource, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceContents {
    /// The URI of the resource or of its part.
    pub uri: String,
    /// Its media type.
    pub media_type: Option<String>,
    /// Its text or bytes.
    pub body: ResourceBody,
    /// Its metadata (`_meta`), if there is any.
    pub meta: Option<Map<String, Value>>,
}

/// The body of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceBody {
    /// Text.
    Text(String),
    /// Bytes, which clients get in base64.
    Bytes(Vec<u8>),
}

impl ResourceContents {
    /// Text at that URI.
    pub fn text(uri: impl Into<String>, text: impl Into<String>) -> Self {
        Self { uri: uri.into(), media_type: None, body: ResourceBody::Text(text.into()), meta: None }
    }

    /// Bytes at that URI.
    pub fn bytes(uri: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { uri: uri.into(), media_type: None, body: ResourceBody::Bytes(bytes.into()), meta: None }
    }

    /// Sets the media type.
    #[must_use]
    pub fn with_media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }
}

impl Extra {
    /// The content as a part of a result.
    pub(crate) fn of(content: Content) -> Self {
        match content {
            Content::Text(text) => Self::Note(text),
            Content::Image { media_type, bytes } => Self::Image { media_type, data: STANDARD.encode(bytes) },
            Content::Audio { media_type, bytes } => {
                Self::Audio { address: AUDIO_ADDRESS.to_owned(), media_type, data: STANDARD.encode(bytes) }
            }
            Content::Relayed(block) => Self::Relayed(block),
            Content::Resource(ResourceContents { uri, media_type, body, .. }) => match body {
                ResourceBody::Text(text) => Self::Embedded { address: uri, media_type, text },
                ResourceBody::Bytes(bytes) => Self::Blob {
                    address: uri,
                    media_type: media_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
                    data: STANDARD.encode(bytes),
                },
            },
        }
    }
}

impl ToolResult {
    /// A result without text of its own, for contents that [`with`](Self::with) adds.
    pub fn empty() -> Self {
        Self::text("")
    }

    /// Adds a content after the others.
    #[must_use]
    pub fn with(mut self, content: impl Into<Content>) -> Self {
        self.extras.push(Extra::of(content.into()));
        self
    }
}
