//! Data in YAML or JSON that is not a document, such as an overlay that a command wrote.

use jackfield_model::Severity;
use jackfield_openapi::{Limits, source};
use serde_json::Value;

use crate::error::Error;
use crate::show::Shown;

/// Parses a text with the limits of documents. A key that occurs twice is an error.
///
/// # Errors
/// Returns an error with its line if the text cannot be parsed.
pub fn parse_data(name: &str, text: &str) -> Result<Value, Error> {
    let parsed = source::parse(name, text.as_bytes(), &Limits::default())
        .map_err(|finding| Error::of(vec![Shown::without_lines(*finding)]))?;
    let twice = parsed.findings.into_iter().filter(|finding| finding.severity != Severity::Note);
    let twice = Shown::all(twice.collect(), std::iter::once(&parsed.source));
    if twice.is_empty() { Ok(parsed.root) } else { Err(Error::of(twice)) }
}
