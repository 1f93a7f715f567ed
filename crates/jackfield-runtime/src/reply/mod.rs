//! What came back, and what a model gets to read of it.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::secret::Secrets;

/// How much of an error's body a model is shown.
const ERROR_EXCERPT: usize = 4096;

/// An HTTP reply that was received whole.
#[derive(Clone, Debug)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    pub(crate) const fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self { status, headers, body }
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// Whether the service did what was asked.
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// A header's value, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON, where it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The identifier under which the service's owner finds this call.
    pub(crate) fn request_id(&self) -> Option<&str> {
        [
            "x-request-id",
            "request-id",
            "x-correlation-id",
            "x-amzn-requestid",
            "x-github-request-id",
            "cf-ray",
        ]
        .iter()
        .find_map(|name| self.header(name))
    }

    /// Strikes what must not be seen from headers and body, in case the service echoes it.
    pub(crate) fn strike(&mut self, secrets: &Secrets) {
        for value in self.headers.values_mut() {
            if let Some(struck) = value.to_str().ok().and_then(|text| secrets.strike(text)) {
                *value =
                    HeaderValue::from_str(&struck).unwrap_or_else(|_| HeaderValue::from_static("struck"));
            }
        }
        let text = String::from_utf8_lossy(&self.body);
        let mut struck = secrets.strike(&text);
        let so_far = struck.as_deref().unwrap_or(&text);
        if so_far.contains('\\') {
            // JSON can spell a secret in escapes, and whoever reads it undoes them.
            let plain = serde_json::from_str::<Value>(so_far).ok().map(|value| value.to_string());
            struck = plain.and_then(|plain| secrets.strike(&plain)).or(struck);
        }
        if let Some(struck) = struck {
            self.body = Bytes::from(struck);
        }
    }

    /// What a model reads: the answer, or what went wrong and what is known of it.
    pub(crate) fn into_result(self, route: &str) -> ToolResult {
        if self.is_success() { self.success() } else { ToolResult::error(self.describe_failure(route)) }
    }

    fn success(&self) -> ToolResult {
        if self.body.is_empty() {
            return ToolResult::text(format!("Done. The service answered {} without a body.", self.status));
        }
        match self.json() {
            Some(value) => ToolResult::json(value),
            None => match std::str::from_utf8(&self.body) {
                Ok(text) => ToolResult::text(text),
                Err(_) => ToolResult::text(format!(
                    "The service answered {} with {} bytes of {}, which is no text.",
                    self.status,
                    self.body.len(),
                    self.header("content-type").unwrap_or("an unnamed type"),
                )),
            },
        }
    }

    fn describe_failure(&self, route: &str) -> String {
        let mut text = format!("The service answered {} to {route}.", self.status);
        if let Some(target) = self.header("location").filter(|_| self.status.is_redirection()) {
            let _ = write!(text, "\nIt points to {target}; redirects are not followed.");
        }
        if let Some(wait) = self.header("retry-after") {
            let _ = write!(text, "\nretry after: {wait}");
        }
        if let Some(id) = self.request_id() {
            let _ = write!(text, "\nrequest id: {id}");
        }
        if !self.body.is_empty() {
            let body = self.text();
            let shown: String = body.chars().take(ERROR_EXCERPT).collect();
            let _ = write!(text, "\nbody: {shown}");
            if shown.len() < body.len() {
                let _ = write!(text, "… ({} bytes in all)", self.body.len());
            }
        }
        text
    }
}

/// What a tool call comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolResult {
    pub(crate) text: String,
    pub(crate) structured: Option<Value>,
    pub(crate) is_error: bool,
}

impl ToolResult {
    /// A result in words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), structured: None, is_error: false }
    }

    /// A result as data. Clients accept objects alone, so another value is wrapped for them; the text stays as it is.
    pub fn json(value: Value) -> Self {
        let text = value.to_string();
        let structured = match value {
            Value::Object(_) => value,
            Value::Array(_) => json!({ "items": value }),
            _ => json!({ "value": value }),
        };
        Self { text, structured: Some(structured), is_error: false }
    }

    /// A failure that the model can act on.
    pub fn error(text: impl Into<String>) -> Self {
        Self { text: text.into(), structured: None, is_error: true }
    }

    /// The words.
    pub fn as_text(&self) -> &str {
        &self.text
    }

    /// The data, always an object.
    pub const fn structured(&self) -> Option<&Value> {
        self.structured.as_ref()
    }

    /// Whether it failed.
    pub const fn is_error(&self) -> bool {
        self.is_error
    }
}
