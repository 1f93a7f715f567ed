//! Lines for pointers: the text is scanned again, and only when a diagnostic is printed.

mod flow;
mod lines;
mod trail;
mod yaml;

use std::ops::Range;

use jackfield_model::Pointer;

pub(super) use self::lines::Lines;
pub use self::lines::Position;
use self::trail::Trails;
use super::Format;

/// Where each of `pointers` leads in `text`; its deepest ancestor that is written, when it is not.
pub(super) fn locate(text: &str, format: Format, pointers: &[&Pointer]) -> Vec<Option<Position>> {
    let mut trails = Trails::new(pointers);
    match format {
        // JSON is YAML's flow style over the whole of the text.
        Format::Json => {
            let start = text.find(['{', '[']).unwrap_or(text.len());
            trails.begin(start..start + 1);
            // Too many brackets end a scan, and what was found before them stays.
            let _ = flow::follow(text.as_bytes(), start, 0, &mut trails);
        }
        Format::Yaml => {
            let _ = yaml::follow(text.as_bytes(), &mut trails);
        }
    }
    let lines = Lines::new(text);
    trails.ends().map(|span| span.map(|span| lines.position(span.start, span.len()))).collect()
}

/// Whether a YAML text, in any of its documents, opens more brackets at once than the YAML reader should be given.
pub(super) fn opens_too_many(text: &str) -> bool {
    let brackets = text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    let mut rest = text.as_bytes();
    while brackets > flow::MOST_OPEN && !rest.is_empty() {
        match yaml::follow(rest, &mut Trails::new(&[])) {
            Some(end) => rest = &rest[end.min(rest.len())..],
            None => return true,
        }
    }
    false
}

/// The bytes of a node, or of its key.
type Span = Range<usize>;

#[cfg(test)]
mod tests;
