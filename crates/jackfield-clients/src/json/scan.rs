//! Parses JSON with comments and trailing commas, and keeps the position of each value.

use std::ops::Range;

use serde_json::{Map, Value};

/// The maximum nesting. It prevents a file from exhausting the stack.
const DEEPEST: usize = 128;

/// A value and its position.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Object(Vec<Member>),
    Array(Vec<Node>),
    Scalar(Value),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// The position of the name, including its quotation mark.
    pub(crate) start: usize,
    pub(crate) value: Node,
}

/// A syntax error and its position in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) text: String,
}

impl Node {
    /// Returns the members of an object, or `None` for any other value.
    pub(crate) fn members(&self) -> Option<&[Member]> {
        match &self.kind {
            Kind::Object(members) => Some(members),
            Kind::Array(_) | Kind::Scalar(_) => None,
        }
    }

    /// Returns the elements of an array, or `None` for any other value.
    pub(crate) fn elements(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::Array(elements) => Some(elements),
            Kind::Object(_) | Kind::Scalar(_) => None,
        }
    }

    /// Returns the member `name`.
    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members()?.iter().find(|member| member.name == name)
    }

    /// Returns the value without positions.
    pub(crate) fn value(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::Array(elements) => Value::Array(elements.iter().map(Self::value).collect()),
            Kind::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|member| (member.name.clone(), member.value.value()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }
}

/// Parses a file. Returns `None` if the file contains only white space and comments.
///
/// # Errors
/// Returns the first syntax error.
pub(crate) fn parse(text: &str) -> Result<Option<Node>, Fault> {
    let mut scanner = Scanner { text, at: 0 };
    if text.starts_with('\u{feff}') {
        scanner.at = '\u{feff}'.len_utf8();
    }
    scanner.skip()?;
    if scanner.at == text.len() {
        return Ok(None);
    }
    let node = scanner.node(0)?;
    scanner.skip()?;
    match scanner.rest().chars().next() {
        None => Ok(Some(node)),
        Some(found) => Err(scanner.fault(format!("{found:?} after the end of the value"))),
    }
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn fault(&self, text: impl Into<String>) -> Fault {
        Fault { at: self.at, text: text.into() }
    }

    /// Skips white space and comments.
    fn skip(&mut self) -> Result<(), Fault> {
        loop {
            self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r', '\n']).len();
            if self.rest().starts_with("//") {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            } else if self.rest().starts_with("/*") {
                match self.rest()[2..].find("*/") {
                    Some(end) => self.at += end + 4,
                    None => return Err(self.fault("a comment without its end `*/`")),
                }
            } else {
                return Ok(());
            }
        }
    }

    fn node(&mut self, depth: usize) -> Result<Node, Fault> {
        if depth > DEEPEST {
            return Err(self.fault(format!("more than {DEEPEST} nested values")));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => Kind::Object(self.object(depth)?),
            Some(b'[') => Kind::Array(self.array(depth)?),
            Some(b'"') => Kind::Scalar(Value::String(self.string()?)),
            _ => Kind::Scalar(self.word()?),
        };
        Ok(Node { span: start..self.at, kind })
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Member>, Fault> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.skip()?;
            let start = self.at;
            match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    return Ok(members);
                }
                Some(b'"') => {}
                Some(_) => return Err(self.fault("expected a name in quotation marks, or `}`")),
                None => return Err(self.fault("the file ends within an object")),
            }
            let name = self.string()?;
            self.skip()?;
            if self.peek() != Some(b':') {
                return Err(self.fault("expected `:` after the name"));
            }
            self.at += 1;
            self.skip()?;
            let value = self.node(depth + 1)?;
            members.push(Member { name, start, value });
            self.skip()?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {}
                Some(_) => return Err(self.fault("expected `,` or `}`")),
                None => return Err(self.fault("the file ends within an object")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Node>, Fault> {
        self.at += 1;
        let mut elements = Vec::new();
        loop {
            self.skip()?;
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    return Ok(elements);
                }
                None => return Err(self.fault("the file ends within an array")),
                Some(_) => {}
            }
            elements.push(self.node(depth + 1)?);
            self.skip()?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {}
                Some(_) => return Err(self.fault("expected `,` or `]`")),
                None => return Err(self.fault("the file ends within an array")),
            }
        }
    }

    fn string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        loop {
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => at += 2,
                Some(b'\n') | None => return Err(self.fault("a string without its closing quotation mark")),
                Some(_) => at += 1,
            }
        }
        let raw = &self.text[start..=at];
        let text = serde_json::from_str(raw).map_err(|_| self.fault("a string that is not valid JSON"))?;
        self.at = at + 1;
        Ok(text)
    }

    /// Parses a number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Value, Fault> {
        let is_end =
            |c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}' | ':' | '/' | '"' | '{' | '[');
        let word = &self.rest()[..self.rest().find(is_end).unwrap_or(self.rest().len())];
        let value = serde_json::from_str(word).map_err(|_| match word {
            "" => self.fault("expected a value"),
            word => self.fault(format!("`{}` is not a value", word.chars().take(40).collect::<String>())),
        })?;
        self.at += word.len();
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_with_comments_and_trailing_commas_is_parsed_in_order() {
        let text = "\u{feff}// a\n{ /* b */ \"z\": [1, 2.5e3, /* c */ \"\\u00e9\\\"\",], \"a\": { } , // d\n }\n/* e */";
        let node = parse(text).unwrap().unwrap();
        assert_eq!(node.value(), json!({ "z": [1, 2.5e3, "é\""], "a": {} }));
        assert_eq!(&text[node.member("a").unwrap().value.span.clone()], "{ }");
        assert_eq!(parse(" // nothing\n\t/* */"), Ok(None));
    }

    #[test]
    fn json_syntax_error_has_the_position_of_the_first_error() {
        for (text, rest, problem) in [
            ("{\"a\": 1 \"b\": 2}", "\"b\": 2}", "expected `,` or `}`"),
            ("{a: 1}", "a: 1}", "a name in quotation marks"),
            ("{\"a\" 1}", "1}", "expected `:`"),
            ("{\"a\": nul}", "nul}", "`nul` is not a value"),
            ("{\"a\": }", "}", "expected a value"),
            ("{\"a\": \"x\n\"}", "\"x\n\"}", "closing quotation mark"),
            ("{\"a\": \"\\q\"}", "\"\\q\"}", "not valid JSON"),
            ("{,}", ",}", "a name in quotation marks"),
            ("[1,,2]", ",2]", "expected a value"),
            ("{} {}", "{}", "after the end"),
            ("{\"a\": [1", "", "ends within an array"),
            ("{\"a\": {", "", "ends within an object"),
            ("{ /* }", "/* }", "without its end"),
            ("{\"a\": \"\\", "\"\\", "closing quotation mark"),
        ] {
            let fault = parse(text).unwrap_err();
            assert_eq!(&text[fault.at..], rest, "{text}");
            assert!(fault.text.contains(problem), "{text}: {}", fault.text);
        }
        let deep = "[".repeat(100_000);
        assert!(parse(&deep).unwrap_err().text.contains("nested values"));
    }
}
