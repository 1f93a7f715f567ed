//! A scanner of YAML's block style, which derives nesting from indentation and builds no tree.
//!
//! The scanner is meant for text that the YAML parser has accepted. For any other text it terminates too,
//! but finds fewer positions.

use super::flow;
use super::scalar::{is_blank, line_end, scalar_end, word_end};
use super::trail::{Span, Step, Trails};

/// Scans the first document in `text`, and reports keys and items to `trails`. Returns the end of the
/// document, or `None` if too many brackets are open in it.
pub(super) fn follow(text: &[u8], trails: &mut Trails) -> Option<usize> {
    let mut scanner =
        Scanner { text, at: 0, line: 0, levels: Vec::new(), properties: None, started: false, trails };
    while scanner.at < text.len() {
        let before = scanner.at;
        if scanner.ends_document() || scanner.trails.are_over(scanner.levels.len()) {
            break;
        }
        scanner.step()?;
        // Guarantees progress even if another part of the scanner has a bug.
        scanner.at = scanner.at.max(before + 1);
    }
    Some(scanner.at)
}

/// An open block list or mapping.
struct Level {
    column: usize,
    /// The index of the next item in a list; `None` in a mapping.
    items: Option<usize>,
    /// Whether the `:` after a `? key` is still missing.
    explicit: bool,
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    /// The beginning of the line.
    line: usize,
    levels: Vec<Level>,
    /// The column at which a node begins on this line, if an anchor or tag precedes the node: the column of
    /// the first anchor or tag.
    properties: Option<usize>,
    /// Whether the document has begun, so that the next `---` or `...` ends it.
    started: bool,
    trails: &'a mut Trails,
}

impl Scanner<'_> {
    /// Whether a `---` or `...` here ends the document.
    fn ends_document(&self) -> bool {
        self.started && self.at == self.line && self.is_mark(self.at)
    }

    /// Consumes the next token. Returns `None` if too many brackets are open.
    fn step(&mut self) -> Option<()> {
        let byte = *self.text.get(self.at)?;
        let next = self.text.get(self.at + 1);
        match byte {
            b' ' | b'\t' => self.at += 1,
            b'\n' | b'\r' => self.break_line(),
            b'#' if self.at == self.line || is_blank(self.text.get(self.at - 1)) => self.skip_line(),
            b'%' if self.at == self.line && !self.started => self.skip_line(),
            b'-' | b'.' if self.at == self.line && self.is_mark(self.at) => {
                self.started = byte == b'-';
                self.at += 3;
            }
            b'&' | b'!' => {
                self.begin();
                self.properties.get_or_insert(self.at - self.line);
                self.at = word_end(self.text, self.at, false);
            }
            b'-' if is_blank(next) => self.dash(),
            b'?' if is_blank(next) => self.question(),
            b':' if is_blank(next) => self.colon(),
            b'|' | b'>' => self.block_scalar(),
            b'[' | b'{' => self.flow()?,
            _ => self.scalar(),
        }
        Some(())
    }

    /// `- item`
    fn dash(&mut self) {
        self.begin();
        let index = self.open(true, self.at);
        let dash = self.at;
        self.at += 1;
        let at = self.content_after(dash).unwrap_or(dash);
        let span = match self.text.get(at) {
            None | Some(b'[' | b'{' | b'|' | b'>') => at..at + 1,
            Some(b'-' | b'?') if is_blank(self.text.get(at + 1)) => at..at + 1,
            Some(_) => at..scalar_end(self.text, at, false),
        };
        self.trails.pass(self.levels.len() - 1, &Step::Item(index), span);
    }

    /// Returns the offset of the content after an item's dash. The content may be on a later line. `None` if the item is empty.
    fn content_after(&self, dash: usize) -> Option<usize> {
        let column = dash - self.line;
        let mut line = self.line;
        let mut at = dash + 1;
        loop {
            match self.text.get(at)? {
                b' ' | b'\t' => at += 1,
                b'\n' | b'\r' => {
                    at += 1;
                    line = at;
                }
                b'#' => at = line_end(self.text, at),
                _ => return (at - line > column).then_some(at),
            }
        }
    }

    /// `? key`: an explicit key, which may be a collection.
    fn question(&mut self) {
        self.begin();
        self.open(false, self.at);
        self.at += 1;
        while matches!(self.text.get(self.at), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let start = self.at;
        if let Some(level) = self.levels.last_mut() {
            level.explicit = true;
        }
        let depth = self.levels.len() - 1;
        match self.text.get(start) {
            None | Some(b'[' | b'{' | b'|' | b'>' | b'*' | b'&' | b'!' | b'\n' | b'\r') => {
                self.trails.pass(depth, &Step::Nameless, start..start);
            }
            Some(b'-' | b'?') if is_blank(self.text.get(start + 1)) => {
                self.trails.pass(depth, &Step::Nameless, start..start);
            }
            Some(_) => {
                let end = scalar_end(self.text, start, false);
                let key = self.text.get(start..end).unwrap_or_default();
                self.trails.pass(depth, &Step::Key(key), start..end);
                self.go_over(end);
            }
        }
    }

    /// `: value`, after `? key` or with an empty key.
    fn colon(&mut self) {
        self.begin();
        let column = self.at - self.line;
        match self.levels.iter().rposition(|level| level.explicit && level.column == column) {
            Some(level) => self.levels.truncate(level + 1),
            None => {
                self.open(false, self.at);
                self.trails.pass(self.levels.len() - 1, &Step::Key(b""), self.at..self.at + 1);
            }
        }
        if let Some(level) = self.levels.last_mut() {
            level.explicit = false;
        }
        self.at += 1;
        self.properties = None;
    }

    /// `[a, b]` and `{a: b}`
    fn flow(&mut self) -> Option<()> {
        self.begin();
        let start = self.at;
        let end = flow::follow(self.text, start, self.levels.len(), self.trails)?;
        let line = self.line;
        self.go_over(end);
        // `{a: b}: c`: the key is a mapping.
        if let Some(colon) = self.colon_after().filter(|_| line == self.line) {
            self.key(&Step::Nameless, start..start + 1, colon);
        }
        self.properties = None;
        Some(())
    }

    /// A scalar or an alias. It is a key if a colon follows on the line, otherwise a value.
    fn scalar(&mut self) {
        self.begin();
        let start = self.at;
        let text = self.text;
        let quoted = matches!(text.get(start), Some(b'"' | b'\''));
        let end = scalar_end(text, start, false).max(start + 1);
        let line = self.line;
        self.go_over(end);
        if let Some(colon) = self.colon_after().filter(|_| line == self.line) {
            match text.get(start..end) {
                None | Some([b'*', ..]) => self.key(&Step::Nameless, start..end, colon),
                Some(key) => self.key(&Step::Key(key), start..end, colon),
            }
        } else if !quoted && text.get(start) != Some(&b'*') {
            self.skip_continuation();
        }
        self.properties = None;
    }

    /// Reports a key, and consumes its colon.
    fn key(&mut self, step: &Step<'_>, span: Span, colon: usize) {
        self.open(false, span.start);
        self.trails.pass(self.levels.len() - 1, step, span);
        self.at = colon + 1;
        self.properties = None;
    }

    /// Returns the colon after the key that was just consumed.
    fn colon_after(&self) -> Option<usize> {
        let mut at = self.at;
        while matches!(self.text.get(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        (self.text.get(at) == Some(&b':') && is_blank(self.text.get(at + 1))).then_some(at)
    }

    /// `|` and `>`: consumes the lines that are indented deeper than the innermost level.
    fn block_scalar(&mut self) {
        self.begin();
        self.at = line_end(self.text, self.at);
        self.skip_indented();
        self.properties = None;
    }

    /// Consumes the other lines of a plain scalar.
    fn skip_continuation(&mut self) {
        self.at = line_end(self.text, self.at);
        self.skip_indented();
    }

    /// Consumes lines that are blank or indented deeper than the innermost level.
    fn skip_indented(&mut self) {
        loop {
            let end = self.at;
            let mut at = end;
            match self.text.get(at) {
                Some(b'\r') if self.text.get(at + 1) == Some(&b'\n') => at += 2,
                Some(_) => at += 1,
                None => return,
            }
            let line = at;
            while self.text.get(at) == Some(&b' ') {
                at += 1;
            }
            let is_empty = matches!(self.text.get(at), None | Some(b'\n' | b'\r'));
            let is_inside = self.levels.last().is_none_or(|level| at - line > level.column);
            if !is_empty && (!is_inside || self.is_mark(line)) {
                self.at = end;
                return;
            }
            self.line = line;
            self.at = line_end(self.text, at);
        }
    }

    /// Opens the list or mapping of the item or entry at `at`, unless it is already open. Returns the index
    /// of the item.
    fn open(&mut self, list: bool, at: usize) -> usize {
        // A mapping begins at its first key, or at an anchor before that key on the same line.
        let column = self.properties.take().unwrap_or(at - self.line);
        while self.levels.last().is_some_and(|level| {
            level.column > column || level.column == column && level.items.is_some() && !list
        }) {
            self.levels.pop();
        }
        match self.levels.last_mut() {
            Some(level) if level.column == column && level.items.is_some() == list => {
                level.explicit = false;
                let index = level.items.unwrap_or_default();
                level.items = level.items.map(|index| index + 1);
                index
            }
            _ => {
                self.levels.push(Level { column, items: list.then_some(1), explicit: false });
                0
            }
        }
    }

    /// Reports the root when the first content is found.
    fn begin(&mut self) {
        self.started = true;
        self.trails.begin(self.at..self.at + 1);
    }

    /// Whether there is a `---` or `...` at `at`, the beginning of a line.
    fn is_mark(&self, at: usize) -> bool {
        matches!(self.text.get(at..at + 3), Some(b"---" | b"...")) && is_blank(self.text.get(at + 3))
    }

    fn skip_line(&mut self) {
        self.at = line_end(self.text, self.at);
    }

    fn break_line(&mut self) {
        let is_pair = self.text.get(self.at..self.at + 2) == Some(b"\r\n");
        self.at += if is_pair { 2 } else { 1 };
        self.line = self.at;
        self.properties = None;
    }

    /// Moves to `end`, which may be on a later line.
    fn go_over(&mut self, end: usize) {
        let passed = self.text.get(self.at..end).unwrap_or_default();
        if let Some(at) = passed.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
            self.line = self.at + at + 1;
        }
        self.at = end;
    }
}
