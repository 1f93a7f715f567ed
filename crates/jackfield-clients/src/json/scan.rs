//! Parses JSON with comments and trailing commas, and keeps the position of each value.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::scanner::{Fault, Scanner};

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
    let mut scanner = Scanner::new(text);
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

impl Scanner<'_> {
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
        self.check_depth(depth)?;
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => Kind::Object(self.members(depth)?),
            Some(b'[') => Kind::Array(self.elements(depth)?),
            Some(b'"') => Kind::Scalar(Value::String(self.string()?)),
            _ => Kind::Scalar(self.word()?),
        };
        Ok(Node { span: start..self.at, kind })
    }

    fn members(&mut self, depth: usize) -> Result<Vec<Member>, Fault> {
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

    fn elements(&mut self, depth: usize) -> Result<Vec<Node>, Fault> {
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
        self.skip_string(b'"')?;
        serde_json::from_str(&self.text[start..self.at])
            .map_err(|_| Fault { at: start, text: "a string that is not valid JSON".to_owned() })
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
