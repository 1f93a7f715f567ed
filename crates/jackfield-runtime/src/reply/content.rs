//! Content of prompts, resources and tool results.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::tool_result::{Extra, ToolResult};

/// The URI of audio content, for protocol revisions in which audio is sent as an embedded resource.
const AUDIO_ADDRESS: &str = "content:audio";

/// A content block of a prompt or of a tool result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Text.
    Text(String),
    /// An image.
    Image {
        /// The media type of the image.
        media_type: String,
        /// The bytes of the image.
        bytes: Vec<u8>,
    },
    /// Audio.
    Audio {
        /// The media type of the audio.
        media_type: String,
        /// The bytes of the audio.
        bytes: Vec<u8>,
    },
    /// A resource, with its contents.
    Resource(ResourceContents),
    /// A content block as another server sent it. A block of a type that the protocol does not define becomes text.
    Relayed(Value),
}

impl Content {
    /// Creates text content.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Creates an image.
    pub fn image(media_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::Image { media_type: media_type.into(), bytes: bytes.into() }
    }

    /// Creates audio content.
    pub fn audio(media_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::Audio { media_type: media_type.into(), bytes: bytes.into() }
    }
}

impl From<ResourceContents> for Content {
    fn from(contents: ResourceContents) -> Self {
        Self::Resource(contents)
    }
}

/// The contents of a resource, or of a part of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceContents {
    /// The URI of the resource or of its part.
    pub uri: String,
    /// The media type of the contents.
    pub media_type: Option<String>,
    /// The text or bytes of the contents.
    pub body: ResourceBody,
    /// The metadata (`_meta`), if there is any.
    pub meta: Option<Map<String, Value>>,
}

/// The text or bytes of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceBody {
    /// Text.
    Text(String),
    /// Bytes. Clients get them in base64.
    Bytes(Vec<u8>),
}

impl ResourceContents {
    /// Creates text contents for the given URI.
    pub fn text(uri: impl Into<String>, text: impl Into<String>) -> Self {
        Self { uri: uri.into(), media_type: None, body: ResourceBody::Text(text.into()), meta: None }
    }

    /// Creates binary contents for the given URI.
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
    /// Converts content to a part of a result.
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
    /// Creates a result without text, to which [`with`](Self::with) adds content.
    pub fn empty() -> Self {
        Self::text("")
    }

    /// Appends content to the result.
    #[must_use]
    pub fn with(mut self, content: impl Into<Content>) -> Self {
        self.extras.push(Extra::of(content.into()));
        self
    }
}
