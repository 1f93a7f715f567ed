//! The source: bytes become a tree that can be pointed into, and the text stays to show lines from.
//!
//! This is the only module that knows the YAML reader. Nodes carry no line numbers: [`Source::locate`] finds one when
//! a diagnostic is printed, from the pointer that every node keeps.

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
    /// The file, named as the user named it.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The text, as UTF-8 without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the text is written in.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Where `pointer` leads: the key of a mapping's entry, the item of a list, or the deepest ancestor that is
    /// written, when the node itself came out of an alias.
    ///
    /// Scans the text anew each time; [`Source::locate_all`] does so once for many pointers.
    pub fn locate(&self, pointer: &Pointer) -> Option<Position> {
        self.locate_all(&[pointer]).pop().flatten()
    }

    /// Where each of `pointers` leads.
    pub fn locate_all(&self, pointers: &[&Pointer]) -> Vec<Option<Position>> {
        locate::locate(&self.text, self.format, pointers)
    }
}

/// A text and its tree.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The text.
    pub source: Source,
    /// The tree; a mapping, always.
    pub root: Value,
    /// What the tree does not hold although the text does.
    pub findings: Vec<Diagnostic>,
}

/// Parses the bytes of the file that the user calls `name`.
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
            format!("the file has {} bytes, more than {}: the limit `bytes`", bytes.len(), limits.bytes);
        return Err(Refusal::raisable(problem, "bytes"));
    }
    let text = decode::decode(bytes)?;
    let (format, reading) = match text.trim_start().chars().next() {
        None => return Err(no_mapping("empty")),
        Some('<') => return Err(no_mapping("HTML or XML")),
        // A comment before all else is found in files that their editor calls JSON too.
        Some('{' | '[' | '/') => match read::json(&text, limits) {
            Ok(reading) => (Format::Json, reading),
            // YAML allows comments and trailing commas in what looks like JSON, and a file that calls itself JSON
            // does not. When it is neither, JSON is what its author most likely meant.
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
        Value::Null => Err(no_mapping("empty, or nothing but comments")),
        _ => Err(no_mapping(&format!("the text `{}`", text.trim().chars().take(40).collect::<String>()))),
    }
}

fn no_mapping(found: &str) -> Refusal {
    Refusal::syntax(
        format!("an OpenAPI document is a mapping; this is {found}"),
        "look into the file: a download may have saved another page than the document",
    )
}

/// Whether the name of a file, or the address it came from, ends in `.json`.
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
            (Loss::Overwritten, Some(key)) => Diagnostic::warning(
                Code::DuplicateKey,
                place,
                format!("the key `{key}` stands twice in one mapping"),
            )
            .so("the last value counts, the others are lost")
            .help("rename one of them, or remove it"),
            _ => Diagnostic::warning(
                Code::Syntax,
                place,
                "a key of this mapping is itself a list or a mapping",
            )
            .so("the entry is left out")
            .help("use a text as the key"),
        });
    }
    if reading.unkept > 0 {
        let problem = format!("{} more keys are duplicates, or are no text", reading.unkept);
        findings.push(
            Diagnostic::warning(Code::DuplicateKey, root.clone(), problem)
                .so("the last value counts, the others are lost")
                .help("correct those that are shown, and run again"),
        );
    }
    if reading.more {
        findings.push(
            Diagnostic::warning(Code::Syntax, root.clone(), "the file holds more than one YAML document")
                .so("only the first is read")
                .help("keep every document in a file of its own"),
        );
    }
    findings
}

#[cfg(test)]
mod tests;
