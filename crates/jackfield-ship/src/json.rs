//! Formats the JSON files of packages.

use serde_json::Value;

/// Formats JSON with one key per line, and a line break at the end.
pub(crate) fn json_text(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}
