//! A position in the text of a file, at which the parsers of JSON and TOML read.

/// The maximum nesting of values. It prevents a file from exhausting the stack.
const DEEPEST: usize = 128;

/// A syntax error and its position in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) text: String,
}

pub(crate) struct Scanner<'t> {
    pub(crate) text: &'t str,
    pub(crate) at: usize,
}

impl<'t> Scanner<'t> {
    /// Starts at the beginning of a file, after its byte order mark.
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 } }
    }

    pub(crate) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(crate) fn fault(&self, text: impl Into<String>) -> Fault {
        Fault { at: self.at, text: text.into() }
    }

    /// Checks the nesting depth of the value at this position.
    pub(crate) fn check_depth(&self, depth: usize) -> Result<(), Fault> {
        match depth > DEEPEST {
            true => Err(self.fault(format!("more than {DEEPEST} nested values"))),
            false => Ok(()),
        }
    }

    /// Moves behind the string that begins here with `quote`, and ends in the same line. A backslash escapes the next character of a string
    /// in double quotation marks.
    pub(crate) fn skip_string(&mut self, quote: u8) -> Result<(), Fault> {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        loop {
            match bytes.get(at) {
                Some(&byte) if byte == quote => break,
                Some(b'\\') if quote == b'"' => at += 2,
                Some(b'\n') | None => return Err(self.fault("a string without its closing quotation mark")),
                Some(_) => at += 1,
            }
        }
        self.at = at + 1;
        Ok(())
    }
}
