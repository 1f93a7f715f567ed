//! Parses the files of clients.

use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{ClientError, Position};
use crate::json;

/// Parses the text of a client's file in JSON, which may have comments and trailing commas. An empty file is an empty object.
///
/// # Errors
/// Returns the first syntax error with its position.
pub fn read_json(file: &Path, text: &str) -> Result<Value, ClientError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let node = json::parse(text).map_err(|fault| ClientError::Invalid {
        file: file.to_owned(),
        position: Position::of(text, fault.at),
        text: fault.text,
    })?;
    Ok(node.map_or_else(|| Value::Object(Map::new()), |node| node.value()))
}
