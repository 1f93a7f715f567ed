//! Lines and columns, and excerpts of lines.

/// A position in a text, with an excerpt of its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, counted from one.
    pub line: usize,
    /// The column in characters, counted from one.
    pub column: usize,
    /// The text of the line, or only the part around the column if the line is long.
    pub excerpt: String,
    /// The number of characters in the excerpt before the column.
    pub caret: usize,
    /// The number of characters to underline; at least one.
    pub len: usize,
}

/// The maximum length of an excerpt, in characters.
const SHOWN: usize = 160;

/// A text, and the positions at which its lines begin.
pub(in super::super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Finds the beginnings of lines, which end with LF, CRLF or a single CR.
    pub(in super::super) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let breaks = bytes.iter().enumerate().filter(|&(at, &byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// Returns the position of `len` bytes at `offset`, both clamped to the text and to one line.
    pub(in super::super) fn position(&self, offset: usize, len: usize) -> Position {
        let offset = floor(self.text, offset);
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let (before, after) = (&self.text[start..offset], &self.text[offset..]);
        let after = &after[..after.find(['\n', '\r']).unwrap_or(after.len())];
        let column = before.chars().count();
        let is_long = column + after.chars().count() > SHOWN;
        let skipped = if is_long { column.saturating_sub(SHOWN / 2) } else { 0 };
        let caret = column - skipped;
        let excerpt: String = before.chars().skip(skipped).chain(after.chars().take(SHOWN - caret)).collect();
        let shown = excerpt.chars().count() - caret;
        let len = after[..floor(after, len)].chars().count().clamp(1, shown.max(1));
        Position { line, column: column + 1, excerpt, caret, len }
    }
}

/// Returns the last character boundary at or before `offset`.
fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn long_line_is_truncated_around_the_column() {
        let text = format!("short\r\n{}KEY{}\nnext", "é".repeat(300), "x".repeat(300));
        let position = Lines::new(&text).position(text.find("KEY").unwrap(), 3);
        assert_eq!((position.line, position.column, position.len), (2, 301, 3));
        assert_eq!(position.excerpt.chars().count(), 160);
        assert_eq!(position.excerpt.chars().skip(position.caret).take(3).collect::<String>(), "KEY");
    }

    #[test]
    fn every_byte_offset_has_a_line_and_a_column() {
        for text in ["", "\n", "\r", "\r\n", "é", "a\rb\r\nc\n"] {
            let lines = Lines::new(text);
            for offset in 0..text.len() + 3 {
                let position = lines.position(offset, 9);
                assert!(position.len >= 1 && position.line >= 1 && position.caret < position.column);
            }
        }
        assert_eq!(Lines::new("a\rb\r\nc\nd").position(7, 1).line, 4);
    }
}
