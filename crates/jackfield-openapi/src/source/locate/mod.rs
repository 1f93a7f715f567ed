//! Lines for pointers: the text is scanned again, and only when a diagnostic is printed.

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
    // Ordinary documents are settled by a count of what could open at all; the others are followed bracket by bracket.
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

/// How many brackets could open a collection that stays open: those that do not close at once, and do not stand behind
/// a word, where they belong to a text. Behind an anchor or a tag they do open. It may count too many, never too few.
fn may_open(text: &[u8]) -> usize {
    /// How far a look back goes; what is not settled by then counts.
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
    (0..text.len()).filter(|at| matches!(text[*at], b'[' | b'{') && opens(*at)).count()
}

#[cfg(test)]
mod tests;
