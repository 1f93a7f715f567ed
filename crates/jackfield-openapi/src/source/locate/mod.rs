//! Lines for pointers: the text is scanned again, and only when a diagnostic is printed.

mod flow;
mod json;
mod trail;
mod yaml;

use std::ops::Range;

use jackfield_model::Pointer;

use super::Format;

/// A place in a text, with the line to show for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, counted from one.
    pub line: usize,
    /// The column in characters, counted from one.
    pub column: usize,
    /// The line, or the part of a long one that is around the column.
    pub excerpt: String,
    /// How many characters of the excerpt stand before the column.
    pub caret: usize,
    /// How many characters to underline; at least one.
    pub len: usize,
}

/// Characters of a line that are shown.
const SHOWN: usize = 160;

impl Position {
    /// The place `offset` bytes into `text`, of `len` bytes; both are brought into the text and onto one line.
    pub(super) fn at(text: &str, offset: usize, len: usize) -> Self {
        let offset = floor(text, offset);
        let (before, after) = text.split_at(offset);
        let start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let end = after.find(['\n', '\r']).map_or(text.len(), |at| offset + at);
        let (before, after) = (&text[start..offset], &text[offset..end]);
        let column = before.chars().count();
        let skipped = column.saturating_sub(SHOWN / 2);
        let excerpt: String = match (before.char_indices().nth(skipped), skipped) {
            (Some((from, _)), 1..) => text[start + from..end].chars().take(SHOWN).collect(),
            _ => text[start..end].chars().take(SHOWN).collect(),
        };
        let underlined = after[..floor(after, len)].chars().count();
        let caret = column - skipped;
        Self {
            line: line_of(&text[..start]),
            column: column + 1,
            len: underlined.min(excerpt.chars().count().saturating_sub(caret)).max(1),
            excerpt,
            caret,
        }
    }
}

/// The last boundary between characters that is not after `offset`.
fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The line that begins after `before`: breaks are LF, CRLF and, as on old machines, CR alone.
fn line_of(before: &str) -> usize {
    let bytes = before.as_bytes();
    let feeds = bytes.iter().filter(|&&byte| byte == b'\n').count();
    let returns =
        bytes.iter().enumerate().filter(|&(at, &byte)| byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
    1 + feeds + returns.count()
}

/// Where `pointer` leads in `text`; its deepest ancestor that is written, when it is not.
pub(super) fn locate(text: &str, format: Format, pointer: &Pointer) -> Option<Position> {
    let tokens: Vec<String> = pointer.tokens().collect();
    let span = match format {
        Format::Json => json::find(text, &tokens),
        Format::Yaml => yaml::find(text, &tokens),
    }?;
    Some(Position::at(text, span.start, span.len()))
}

/// The bytes of a node, or of its key.
type Span = Range<usize>;

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn a_long_line_is_cut_around_the_column() {
        let text = format!("short\r\n{}KEY{}\nnext", "é".repeat(300), "x".repeat(300));
        let position = Position::at(&text, text.find("KEY").unwrap(), 3);
        assert_eq!((position.line, position.column, position.len), (2, 301, 3));
        assert_eq!(position.excerpt.chars().count(), 160);
        assert_eq!(position.excerpt.chars().skip(position.caret).take(3).collect::<String>(), "KEY");
    }

    #[test]
    fn every_place_has_a_line() {
        for text in ["", "\n", "\r", "\r\n", "é", "a\rb\r\nc\n"] {
            for offset in 0..text.len() + 3 {
                let position = Position::at(text, offset, 9);
                assert!(position.len >= 1 && position.line >= 1 && position.caret < position.column);
            }
        }
        assert_eq!(Position::at("a\rb\r\nc\nd", 7, 1).line, 4);
    }
}
