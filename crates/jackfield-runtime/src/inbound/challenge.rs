//! Formats the challenges of a resource server (RFC 6750, RFC 9728).

use std::fmt::Write as _;

/// A value of `WWW-Authenticate`. Its texts contain neither quotes nor backslashes, so they need no escapes.
#[derive(Default)]
pub(super) struct Challenge<'a> {
    pub(super) metadata: Option<&'a str>,
    pub(super) scopes: &'a [String],
    /// The error code, and a text that describes it.
    pub(super) error: Option<(&'a str, &'a str)>,
}

impl Challenge<'_> {
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        let mut add = |name: &str, value: &str| {
            let separator = if text.is_empty() { "Bearer " } else { ", " };
            let _ = write!(text, "{separator}{name}=\"{value}\"");
        };
        if let Some((code, description)) = self.error {
            add("error", code);
            add("error_description", description);
        }
        if !self.scopes.is_empty() {
            add("scope", &self.scopes.join(" "));
        }
        if let Some(metadata) = self.metadata {
            add("resource_metadata", metadata);
        }
        if text.is_empty() { "Bearer".to_owned() } else { text }
    }
}
