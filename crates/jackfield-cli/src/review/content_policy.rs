//! The content security policy of the page. It allows only the embedded style and script, and loads nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The style of the page.
pub(super) const STYLE: &str = include_str!("review.css");
/// The script of the page. The page also works without the script.
pub(super) const SCRIPT: &str = include_str!("review.js");

/// Returns the value of `Content-Security-Policy`.
pub(super) fn content_policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    )
}

fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
