//! HTTP replies.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::charset;
use super::media::{BodyKind, MediaType};
use crate::call::downloads::SavedFile;
use crate::call::method::MethodName;
use crate::common::budget::CallScope;
use crate::common::secret::Secrets;

/// The usual headers with the URL of a job's status.
pub(crate) const STATUS_ADDRESSES: [&str; 2] = ["operation-location", "azure-asyncoperation"];

/// The usual headers with the identifier of a request.
static REQUEST_IDS: [HeaderName; 6] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("request-id"),
    HeaderName::from_static("x-correlation-id"),
    HeaderName::from_static("x-amzn-requestid"),
    HeaderName::from_static("x-github-request-id"),
    HeaderName::from_static("cf-ray"),
];

/// An HTTP reply.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The URL of the request that got this reply, without credentials.
    pub(crate) address: String,
    /// Whether the body is complete.
    pub(crate) is_whole: bool,
    /// Whether a redirect led to this reply.
    pub(crate) is_redirected: bool,
    /// The method of a write that a 303 response confirmed, if this reply only describes the write's outcome.
    pub(crate) done: Option<MethodName>,
    /// Whether a 302 or 303 response led from the requested URL to this reply.
    pub(crate) was_referred: bool,
    /// A caveat about the reply: the body is incomplete, or a redirect was not followed.
    pub(crate) caveat: Option<String>,
    /// The file in which the body was stored. The body itself is then empty.
    saved: Option<SavedFile>,
    /// Counts the bytes of the reply as memory of its call until it is dropped.
    scope: Option<CallScope>,
}

impl Reply {
    /// Creates a reply to a request for `address`. A text body is decoded to UTF-8.
    pub(crate) fn new(
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        is_whole: bool,
        address: String,
    ) -> Self {
        let mut reply = Self {
            status,
            headers,
            body,
            address,
            is_whole,
            is_redirected: false,
            done: None,
            was_referred: false,
            caveat: None,
            saved: None,
            scope: None,
        };
        let media_type = reply.media_type();
        let kind = media_type.kind();
        if matches!(kind, BodyKind::Json | BodyKind::Text | BodyKind::Events(_))
            && reply.coding().is_none()
            && !(media_type.charset.is_none() && is_plain_utf8(&reply.body))
        {
            reply.drop_half_a_character();
            // JSON and streams are decoded as UTF-8, even if they declare another charset. The declared charset is
            // used only if the bytes are not valid UTF-8.
            let is_utf8 = std::str::from_utf8(&reply.body).is_ok_and(|text| !text.contains('\0'));
            let label = media_type.charset.as_deref().filter(|_| kind == BodyKind::Text || !is_utf8);
            let decoded = charset::to_utf8(&reply.body, label);
            reply.body = decoded.text.map_or(reply.body, Bytes::from);
            reply.caveat = decoded.caveat;
        }
        reply
    }

    /// Removes an incomplete UTF-8 character at the end of a truncated body.
    fn drop_half_a_character(&mut self) {
        if let Err(error) = std::str::from_utf8(&self.body)
            && error.error_len().is_none()
            && !self.is_whole
        {
            self.body.truncate(error.valid_up_to());
        }
    }

    /// Returns a copy whose bytes are not counted as memory of a call.
    pub(crate) fn detached(&self) -> Self {
        Self { scope: None, ..self.clone() }
    }

    pub(crate) fn held_in(mut self, scope: CallScope) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Reserves more memory for the call. Returns false if the limit would be exceeded.
    pub(crate) fn can_hold(&self, bytes: usize) -> bool {
        self.scope.as_ref().is_none_or(|scope| scope.hold(bytes).is_ok())
    }

    pub(crate) fn with_caveat(mut self, caveat: Option<String>) -> Self {
        self.caveat = caveat.or(self.caveat);
        self
    }

    pub(crate) fn with_redirects(mut self, number: usize) -> Self {
        self.is_redirected = number > 0;
        self
    }

    pub(crate) fn with_saved(mut self, saved: SavedFile) -> Self {
        self.saved = Some(saved);
        self
    }

    pub(crate) const fn saved(&self) -> Option<&SavedFile> {
        self.saved.as_ref()
    }

    /// Returns the length of the body, even if it was stored in a file.
    pub(crate) fn length(&self) -> usize {
        self.saved
            .as_ref()
            .map_or(self.body.len(), |saved| usize::try_from(saved.length).unwrap_or(usize::MAX))
    }

    pub(crate) fn with_done(mut self, done: Option<MethodName>) -> Self {
        self.done = done;
        self
    }

    /// Returns the method of a write that a 303 response confirmed. The status of this reply then belongs to the
    /// read of the write's outcome.
    pub(crate) fn done(&self) -> Option<&str> {
        self.done.as_deref()
    }

    /// Returns the status code.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    pub(crate) const fn http_status(&self) -> StatusCode {
        self.status
    }

    /// Whether the status is a success.
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// Returns the value of a header by name, if the value is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the value of a header, if the value is text.
    pub(crate) fn field(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the body. Text is decoded to UTF-8. A stream is truncated at the deadline.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Whether the body is complete. At most 16 MiB are read, and streams are read until the deadline.
    pub const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Returns the parsed body, if it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Returns the body as text. Invalid UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns a caveat about the reply: the body is incomplete, or a redirect was not followed.
    pub fn caveat(&self) -> Option<&str> {
        self.caveat.as_deref()
    }

    /// Returns the request identifier in the headers, with which the operator of the service can find this call.
    pub(crate) fn request_id(&self) -> Option<&str> {
        REQUEST_IDS.iter().find_map(|name| self.field(name))
    }

    /// Returns the media type in `content-type`.
    pub(crate) fn media_type(&self) -> MediaType {
        MediaType::parse(self.field(&CONTENT_TYPE).unwrap_or_default())
    }

    /// Returns the `content-encoding`, if the body was not decoded.
    pub(crate) fn coding(&self) -> Option<&str> {
        self.field(&CONTENT_ENCODING)
            .map(str::trim)
            .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
    }

    /// Whether the body looks like text.
    pub(crate) fn is_readable(&self) -> bool {
        let is_plain = |byte: &u8| *byte >= 0x20 || byte.is_ascii_whitespace() || *byte == 0x1B;
        std::str::from_utf8(&self.body).is_ok() && self.body.iter().all(is_plain)
    }

    /// Redacts secrets everywhere in the reply, in case the service repeats them.
    pub(crate) fn strike(&mut self, secrets: &Secrets) {
        if secrets.is_empty() {
            return;
        }
        let is_stopped = || self.scope.as_ref().is_some_and(CallScope::is_stopped);
        for value in self.headers.values_mut() {
            if let Some(redacted) = secrets.redact_unless(value.as_bytes(), is_stopped) {
                *value = HeaderValue::from_bytes(&redacted)
                    .unwrap_or_else(|_| HeaderValue::from_static("redacted"));
            }
        }
        if let Some(redacted) = secrets.redact_unless(&self.body, is_stopped) {
            self.body = Bytes::from(redacted);
        }
        for text in [Some(&mut self.address), self.caveat.as_mut()].into_iter().flatten() {
            if let Some(redacted) = secrets.strike(text) {
                *text = redacted;
            }
        }
    }
}

/// Whether the bytes are UTF-8 that needs no decoding: without a byte order mark, and without null bytes, which indicate
/// UTF-16.
fn is_plain_utf8(bytes: &[u8]) -> bool {
    !bytes.starts_with(b"\xEF\xBB\xBF") && !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok()
}
