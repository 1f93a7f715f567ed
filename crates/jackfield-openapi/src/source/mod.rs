//! Parses bytes to a tree, and keeps the text so that lines of it can be shown.
//!
//! Only this module uses the YAML parser. Values have no line numbers: when a diagnostic is printed,
//! [`Source::locate`] finds the line of its pointer in the text.

mod decode;
mod format;
mod limits;
mod locate;
mod merge;
mod read;
mod refusal;
mod tree;

use std::sync::Arc;

use jackfield_model::{Code, Diagnostic, Place, Pointer};
use serde_json::Value;

pub use self::format::Format;
pub use self::limits::Limits;
pub use self::locate::Position;
use self::read::Reading;
use self::refusal::Refusal;
use self::tree::Loss;

/// The text of a file.
#[derive(Clone, Debug)]
pub struct Source {
    name: Arc<str>,
    text: String,
    format: Format,
}

impl Source {
    /// Returns the name of the file in the user's spelling.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Returns the text, as UTF-8 without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the format of the text.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns the position of a value: the position of its key in a mapping, or of its item in a list. For a value
    /// inside an alias, the position of its nearest ancestor in the text.
    ///
    /// Each call scans the text; [`Source::locate_all`] scans it once for many pointers.
    pub fn locate(&self, pointer: &Pointer) -> Option<Position> {
        self.locate_all(&[pointer]).pop().flatten()
    }

    /// Returns the positions of several values, as [`Source::locate`] finds them.
    pub fn locate_all(&self, pointers: &[&Pointer]) -> Vec<Option<Position>> {
        locate::locate(&self.text, self.format, pointers)
    }
}

/// A text and its tree.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The text.
    pub source: Source,
    /// The tree. Its root is a mapping.
    pub root: Value,
    /// Parts of the text that the tree cannot represent.
    pub findings: Vec<Diagnostic>,
}

/// Parses the bytes of the file `name`.
pub fn parse(name: &str, bytes: &[u8], limits: &Limits) -> Result<Parsed, Box<Diagnostic>> {
    let name: Arc<str> = Arc::from(name);
    let root = Place { file: Arc::clone(&name), pointer: Pointer::root() };
    let (text, format, reading) = read(&name, bytes, limits).map_err(|refusal| refusal.at(root.clone()))?;
    let findings = findings(&reading, &root);
    Ok(Parsed { source: Source { name, text, format }, root: reading.root, findings })
}

fn read(name: &str, bytes: &[u8], limits: &Limits) -> Result<(String, Format, Reading), Refusal> {
    if bytes.len() > limits.bytes {
        let problem =
            format!("the file has {} bytes, but the limit `bytes` is {}", bytes.len(), limits.bytes);
        return Err(Refusal::raisable(problem, "bytes"));
    }
    let text = decode::decode(bytes)?;
    let (format, reading) = match text.trim_start().chars().next() {
        None => return Err(no_mapping("empty")),
        Some('<') => return Err(no_mapping("HTML or XML")),
        // `/` is allowed, because some files that are meant to be JSON begin with a comment.
        Some('{' | '[' | '/') => match read::json(&text, limits) {
            Ok(reading) => (Format::Json, reading),
            // Unless the file's name ends in `.json`, the text is also tried as YAML, which allows comments
            // and trailing commas. If it is not valid YAML either, the error about JSON is more useful.
            Err(refusal) if refusal.is_limit() || is_named_json(name) => return Err(refusal),
            Err(refusal) => (
                Format::Yaml,
                read::yaml(&text, limits).map_err(|yaml| if yaml.is_limit() { yaml } else { refusal })?,
            ),
        },
        Some(_) => (Format::Yaml, read::yaml(&text, limits)?),
    };
    match &reading.root {
        Value::Object(_) => Ok((text, format, reading)),
        Value::Array(_) => Err(no_mapping("a list")),
        Value::Null => Err(no_mapping("empty, or only comments")),
        _ => Err(no_mapping(&format!("the text `{}`", text.trim().chars().take(40).collect::<String>()))),
    }
}

fn no_mapping(found: &str) -> Refusal {
    Refusal::syntax(
        format!("an OpenAPI document must be a mapping; this is {found}"),
        "open the file: the download may have saved a web page instead of the document",
    )
}

/// Whether a file name or URL ends in `.json`.
fn is_named_json(name: &str) -> bool {
    let path = name.split(['?', '#']).next().unwrap_or(name).as_bytes();
    path.len().checked_sub(5).is_some_and(|at| path[at..].eq_ignore_ascii_case(b".json"))
}

fn findings(reading: &Reading, root: &Place) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for oddity in &reading.oddities {
        let mut place = root.clone();
        for token in oddity.path.iter().rev() {
            place.pointer = place.pointer.child(token);
        }
        findings.push(match (oddity.loss, oddity.path.first()) {
            (Loss::Overwritten, Some(key)) => {
                Diagnostic::warning(Code::DuplicateKey, place, format!("duplicate key `{key}`"))
                    .so("the last value is used, and the other values are ignored")
                    .help("rename one of the keys, or remove one")
            }
            _ => Diagnostic::warning(Code::Syntax, place, "a key of this mapping is a list or a mapping")
                .so("the entry is ignored")
                .help("use a string as the key"),
        });
    }
    if reading.unkept > 0 {
        let problem = format!("{} more keys are duplicates, lists or mappings", reading.unkept);
        findings.push(
            Diagnostic::warning(Code::DuplicateKey, root.clone(), problem)
                .so("the last value is used, and the other values are ignored")
                .help("correct the keys that are shown, and run again"),
        );
    }
    if reading.more {
        findings.push(
            Diagnostic::warning(Code::Syntax, root.clone(), "the file contains more than one YAML document")
                .so("only the first is read")
                .help("put each document into a file of its own"),
        );
    }
    findings
}

#[cfg(test)]
mod tests;
