//! Estimates the work that arguments cause, before they are processed.

use serde_json::{Map, Value};

use crate::call::files::Files;

/// The number of bytes that are added for each value, besides the bytes of its text.
const VALUE: usize = 16;

/// The assumed size of a file before it is opened. It is large enough that another thread reads the file.
const FILE: usize = 64 * 1024;

/// Returns the approximate size of arguments in bytes.
pub(super) fn size_of_all(arguments: &Map<String, Value>, files: &Files) -> usize {
    arguments.values().map(|value| size_of(value, files)).sum()
}

/// Returns the approximate size of a value in bytes. A value that names a file counts as large, because reading the file may take long.
fn size_of(value: &Value, files: &Files) -> usize {
    match value {
        Value::String(text) if files.may_be_named_in(text) => text.len() + FILE,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|item| size_of(item, files) + VALUE).sum(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| name.len() + size_of(value, files) + VALUE).sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => VALUE,
    }
}
