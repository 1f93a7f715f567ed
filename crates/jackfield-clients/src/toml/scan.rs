//! Splits TOML into headers and assignments with their positions. Values are not parsed; the scanner only finds where each value ends.

use std::ops::Range;

use crate::scanner::{Fault, Scanner};

/// A header or an assignment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    /// The keys from the root of the file.
    pub(crate) path: Vec<String>,
    pub(crate) form: Form,
    /// The range from the first character of the line to the end of the statement, without the line break.
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Form {
    /// `[a.b]`.
    Table,
    /// `[[a.b]]`.
    ArrayOfTables,
    /// `key = VALUE`, with the range of the value.
    Value(Range<usize>),
}

/// Splits a file into its statements.
///
/// # Errors
/// Returns the first syntax error.
pub(crate) fn parse(text: &str) -> Result<Vec<Statement>, Fault> {
    let mut scanner = Scanner::new(text);
    let (mut statements, mut table) = (Vec::new(), Vec::new());
    loop {
        scanner.skip_lines()?;
        let start = scanner.at;
        match scanner.peek() {
            None => return Ok(statements),
            Some(b'[') => {
                let is_array = scanner.rest().starts_with("[[");
                scanner.at += if is_array { 2 } else { 1 };
                let path = scanner.keys()?;
                let close = if is_array { "]]" } else { "]" };
                if !scanner.rest().starts_with(close) {
                    return Err(scanner.fault(format!("expected `{close}` at the end of the header")));
                }
                scanner.at += close.len();
                table.clone_from(&path);
                let form = if is_array { Form::ArrayOfTables } else { Form::Table };
                statements.push(Statement { path, form, span: start..scanner.at });
            }
            Some(_) => {
                let keys = scanner.keys()?;
                if scanner.peek() != Some(b'=') {
                    return Err(scanner.fault("expected `=` after the key"));
                }
                scanner.at += 1;
                scanner.skip_spaces();
                let value = scanner.at;
                scanner.value(0)?;
                let path = table.iter().cloned().chain(keys).collect();
                statements.push(Statement {
                    path,
                    form: Form::Value(value..scanner.at),
                    span: start..scanner.at,
                });
            }
        }
        scanner.end_line()?;
    }
}

impl Scanner<'_> {
    fn skip_spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    fn skip_comment(&mut self) {
        if self.peek() == Some(b'#') {
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    /// Skips white space, line breaks and comments.
    fn skip_lines(&mut self) -> Result<(), Fault> {
        loop {
            self.skip_spaces();
            self.skip_comment();
            match self.peek() {
                Some(b'\n') => self.at += 1,
                Some(b'\r') if self.rest().starts_with("\r\n") => self.at += 2,
                Some(b'\r') => return Err(self.fault("a carriage return without a line feed")),
                _ => return Ok(()),
            }
        }
    }

    fn end_line(&mut self) -> Result<(), Fault> {
        self.skip_spaces();
        self.skip_comment();
        match self.peek() {
            None | Some(b'\n') => Ok(()),
            Some(b'\r') if self.rest().starts_with("\r\n") => Ok(()),
            Some(_) => Err(self.fault("expected the end of the line")),
        }
    }

    /// Parses a dotted key and the white space around it.
    fn keys(&mut self) -> Result<Vec<String>, Fault> {
        let mut keys = Vec::new();
        loop {
            self.skip_spaces();
            keys.push(self.key()?);
            self.skip_spaces();
            if self.peek() != Some(b'.') {
                return Ok(keys);
            }
            self.at += 1;
        }
    }

    fn key(&mut self) -> Result<String, Fault> {
        match self.peek() {
            Some(b'"') => {
                let start = self.at;
                self.skip_string(b'"')?;
                let raw = &self.text[start..self.at];
                // JSON lacks some escapes of TOML. A key with such an escape is rare, and is kept unchanged.
                Ok(serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned()))
            }
            Some(b'\'') => {
                let start = self.at;
                self.skip_string(b'\'')?;
                Ok(self.text[start + 1..self.at - 1].to_owned())
            }
            _ => {
                let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
                let length = self.rest().find(|c| !is_key(c)).unwrap_or(self.rest().len());
                let key = self.rest()[..length].to_owned();
                self.at += length;
                if key.is_empty() { Err(self.fault("expected a key")) } else { Ok(key) }
            }
        }
    }

    fn block_string(&mut self, quote: u8) -> Result<(), Fault> {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 3;
        loop {
            match bytes.get(at..) {
                Some([a, b, c, rest @ ..]) if [*a, *b, *c] == [quote; 3] => {
                    // Up to two quotation marks may belong to the string.
                    at += 3 + rest.iter().take(2).take_while(|&&byte| byte == quote).count();
                    break;
                }
                Some([b'\\', ..]) if quote == b'"' => at += 2,
                Some([_, ..]) => at += 1,
                Some([]) | None => return Err(self.fault("a string without its closing quotation marks")),
            }
        }
        self.at = at;
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<(), Fault> {
        self.check_depth(depth)?;
        match self.peek() {
            Some(b'"') if self.rest().starts_with("\"\"\"") => self.block_string(b'"'),
            Some(b'\'') if self.rest().starts_with("'''") => self.block_string(b'\''),
            Some(quote @ (b'"' | b'\'')) => self.skip_string(quote),
            Some(b'[') => self.array(depth),
            Some(b'{') => self.inline_table(depth),
            _ => {
                let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | ':');
                let mut length = self.rest().find(|c| !is_word(c)).unwrap_or(self.rest().len());
                // A date and a time may be separated by a space.
                if self.rest()[length..].starts_with(' ') && self.rest()[..length].len() == 10 {
                    let time = &self.rest()[length + 1..];
                    if time.len() > 2 && time.as_bytes()[2] == b':' {
                        length += 1 + time.find(|c| !is_word(c)).unwrap_or(time.len());
                    }
                }
                let word = &self.rest()[..length];
                let is_value = matches!(word, "true" | "false" | "inf" | "nan")
                    || word.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit())
                    || matches!(word.trim_start_matches(['+', '-']), "inf" | "nan");
                if !is_value {
                    return Err(self.fault("expected a value"));
                }
                self.at += length;
                Ok(())
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), Fault> {
        self.at += 1;
        loop {
            self.skip_lines()?;
            match self.peek() {
                Some(b']') => break,
                None => return Err(self.fault("the file ends within an array")),
                _ => self.value(depth + 1)?,
            }
            self.skip_lines()?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.fault("expected `,` or `]`")),
            }
        }
        self.at += 1;
        Ok(())
    }

    fn inline_table(&mut self, depth: usize) -> Result<(), Fault> {
        self.at += 1;
        loop {
            self.skip_lines()?;
            match self.peek() {
                Some(b'}') => break,
                None => return Err(self.fault("the file ends within an inline table")),
                _ => {}
            }
            self.keys()?;
            if self.peek() != Some(b'=') {
                return Err(self.fault("expected `=` after the key"));
            }
            self.at += 1;
            self.skip_spaces();
            self.value(depth + 1)?;
            self.skip_lines()?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.fault("expected `,` or `}`")),
            }
        }
        self.at += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_statements_have_their_path_and_position() {
        let text = "model = \"o\" # a\n[ mcp_servers . 'a b' ]\r\nargs = [\n  \"x]\", # ]\n  '''y'''\n]\nenv = { A = 1, \"B.c\" = '#' }\n\
                    at = 2026-11-30 10:00:00\n[[x]]\ny.z = \"\"\"\n[no]\n\"\"\"\"\"\n";
        let statements = parse(text).unwrap();
        let paths: Vec<String> = statements.iter().map(|it| it.path.join("/")).collect();
        assert_eq!(
            paths,
            [
                "model",
                "mcp_servers/a b",
                "mcp_servers/a b/args",
                "mcp_servers/a b/env",
                "mcp_servers/a b/at",
                "x",
                "x/y/z"
            ]
        );
        assert_eq!(&text[statements[1].span.clone()], "[ mcp_servers . 'a b' ]");
        assert!(toml::from_str::<toml::Table>(text).is_ok(), "the example is valid TOML");
    }

    #[test]
    fn toml_syntax_error_has_the_position_of_the_first_error() {
        for (text, rest, problem) in [
            ("a = ", "", "expected a value"),
            ("a = yes", "yes", "expected a value"),
            ("a 1", "1", "expected `=`"),
            ("= 1", "= 1", "expected a key"),
            ("a = \"x\nb = 1", "\"x\nb = 1", "closing quotation mark"),
            ("a = '''x", "'''x", "closing quotation marks"),
            ("[a", "", "expected `]`"),
            ("[[a]\n", "]\n", "expected `]]`"),
            ("a = [1 2]", "2]", "expected `,` or `]`"),
            ("a = {b = 1", "", "expected `,` or `}`"),
            ("a = 1 b = 2", "b = 2", "the end of the line"),
            ("a = \"\\", "\"\\", "closing quotation mark"),
        ] {
            let fault = parse(text).unwrap_err();
            assert_eq!(&text[fault.at..], rest, "{text}");
            assert!(fault.text.contains(problem), "{text}: {}", fault.text);
            assert!(toml::from_str::<toml::Table>(text).is_err(), "{text}");
        }
        let deep = format!("a = {}", "[".repeat(100_000));
        assert!(parse(&deep).unwrap_err().text.contains("nested values"));
    }
}
