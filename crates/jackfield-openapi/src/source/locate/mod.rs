//! Finds the positions of pointers by scanning the text again, when a diagnostic is printed.
//!
//! ADR 0028 explains why no library is used.

mod flow;
mod lines;
mod scalar;
mod trail;
mod yaml;

use jackfield_model::Pointer;

pub(super) use self::lines::Lines;
pub use self::lines::Position;
use self::trail::Trails;
use super::Format;

/// Returns the position of each pointer, or of its nearest ancestor in the text.
pub(super) fn locate(text: &str, format: Format, pointers: &[&Pointer]) -> Vec<Option<Position>> {
    let mut trails = Trails::new(pointers);
    match format {
        // JSON is parsed as one flow collection of YAML.
        Format::Json => {
            let start = text.find(['{', '[']).unwrap_or(text.len());
            trails.begin(start..start + 1);
            // If too many brackets are open, the scan ends, and the positions found so far are kept.
            let _ = flow::follow(text.as_bytes(), start, 0, &mut trails);
        }
        Format::Yaml => {
            let _ = yaml::follow(text.as_bytes(), &mut trails);
        }
    }
    let lines = Lines::new(text);
    trails.ends().map(|span| span.map(|span| lines.position(span.start, span.len()))).collect()
}

/// Whether any document in a YAML text has so many open brackets that the YAML parser, which takes quadratic
/// time, must not parse it.
pub(super) fn opens_too_many(text: &str) -> bool {
    // For ordinary documents this upper bound is below the limit. Only other documents are scanned.
    let mut rest = text.as_bytes();
    let suspicious = may_open(rest) > flow::MOST_OPEN;
    while suspicious && !rest.is_empty() {
        match yaml::follow(rest, &mut Trails::new(&[])) {
            Some(end) => rest = &rest[end.min(rest.len())..],
            None => return true,
        }
    }
    false
}

/// Returns an upper bound of the number of brackets that open a collection. It counts neither `[]` and `{}` nor brackets after a word,
/// which are part of a plain scalar. After an anchor or a tag, a bracket opens a collection.
fn may_open(text: &[u8]) -> usize {
    /// The maximum number of bytes to look back. Brackets that remain undecided are counted.
    const LOOK_BACK: usize = 64;
    let opens = |at: usize| {
        if matches!((text[at], text.get(at + 1)), (b'[', Some(b']')) | (b'{', Some(b'}'))) {
            return false;
        }
        let near = &text[at.saturating_sub(LOOK_BACK)..at];
        let before = near.trim_ascii_end();
        let same_line = !near[before.len()..].contains(&b'\n') && !near[before.len()..].contains(&b'\r');
        let behind_word = before.last().is_some_and(u8::is_ascii_alphanumeric);
        let Some(gap) = before.iter().rposition(u8::is_ascii_whitespace) else { return true };
        let named = matches!(before.get(gap + 1), Some(byte) if !byte.is_ascii_alphanumeric());
        !(same_line && behind_word) || named
    };
    let brackets = text.iter().enumerate().filter(|(_, byte)| matches!(byte, b'[' | b'{'));
    brackets.filter(|(at, _)| opens(*at)).count()
}

#[cfg(test)]
mod tests;
