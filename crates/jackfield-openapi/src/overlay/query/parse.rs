//! Parses the text of an expression: segments, selectors and quoted names.

use jackfield_model::hex_number;

use super::expression::{Query, Segment, Selector};

/// The maximum nesting of filters, parentheses and functions: far more than real expressions have, and safe
/// for the stack.
const DEEPEST: usize = 64;

/// The largest index: 2^53 - 1, as RFC 9535 requires.
const LARGEST: i64 = (1 << 53) - 1;

/// The reason why a text is not a JSONPath expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::overlay) struct Fault {
    /// The column in characters, counted from 1.
    pub(in crate::overlay) column: usize,
    pub(in crate::overlay) problem: String,
}

impl Query {
    /// Parses an expression that begins at the root.
    pub(in crate::overlay) fn parse(text: &str) -> Result<Self, Fault> {
        let mut parser = Parser { text, at: 0, open: 0 };
        parser.space();
        if !parser.eat("$") {
            return Err(parser.fault("an expression begins with `$`, which selects the whole document"));
        }
        let segments = parser.segments()?;
        parser.space();
        match parser.peek() {
            None => Ok(Self { absolute: true, segments }),
            Some('@') => Err(parser.fault("`@` is allowed only in a filter")),
            Some(_) => Err(parser.fault("expected `.`, `[` or the end")),
        }
    }
}

/// The text, and the position up to which it has been parsed.
pub(super) struct Parser<'t> {
    text: &'t str,
    at: usize,
    open: usize,
}

impl<'t> Parser<'t> {
    /// Parses all segments `.name`, `..name` and `[…]` that follow.
    pub(super) fn segments(&mut self) -> Result<Vec<Segment>, Fault> {
        let mut segments = Vec::new();
        loop {
            let before = self.at;
            self.space();
            let (descends, dotted) = if self.eat("..") {
                (true, self.peek() != Some('['))
            } else if self.eat(".") {
                (false, true)
            } else if self.peek() == Some('[') {
                (false, false)
            } else {
                self.at = before;
                return Ok(segments);
            };
            let selectors = if !dotted {
                self.bracketed()?
            } else if self.eat("*") {
                vec![Selector::Wildcard]
            } else {
                vec![Selector::Name(self.bare_name()?.to_owned())]
            };
            segments.push(Segment { descends, selectors, end: self.at });
        }
    }

    fn bracketed(&mut self) -> Result<Vec<Selector>, Fault> {
        self.at += 1;
        let mut selectors = Vec::new();
        loop {
            self.space();
            selectors.push(self.selector()?);
            self.space();
            if self.eat("]") {
                return Ok(selectors);
            }
            if !self.eat(",") {
                return Err(self.fault("expected `,` or `]`"));
            }
        }
    }

    fn selector(&mut self) -> Result<Selector, Fault> {
        match self.peek() {
            Some('\'' | '"') => Ok(Selector::Name(self.quoted()?)),
            Some('*') => {
                self.at += 1;
                Ok(Selector::Wildcard)
            }
            Some('?') => {
                self.at += 1;
                Ok(Selector::Filter(self.nested(Self::condition)?))
            }
            Some('0'..='9' | '-' | ':') => self.index_or_slice(),
            Some(c) if is_first(c) => Err(self.fault("a name in brackets needs quotes: ['name']")),
            _ => Err(self.fault("expected a quoted name, a number, `*` or `?`")),
        }
    }

    fn index_or_slice(&mut self) -> Result<Selector, Fault> {
        let start = self.optional_integer()?;
        self.space();
        if !self.eat(":") {
            return start.map(Selector::Index).ok_or_else(|| self.fault("expected a number"));
        }
        self.space();
        let end = self.optional_integer()?;
        self.space();
        let mut step = None;
        if self.eat(":") {
            self.space();
            step = self.optional_integer()?;
        }
        Ok(Selector::Slice { start, end, step: step.unwrap_or(1) })
    }

    fn optional_integer(&mut self) -> Result<Option<i64>, Fault> {
        if !matches!(self.peek(), Some('0'..='9' | '-')) {
            return Ok(None);
        }
        let start = self.at;
        self.eat("-");
        let digits = self.take_while(|c| c.is_ascii_digit());
        let text = &self.text[start..self.at];
        let is_plain = text == "0" || (!digits.is_empty() && !digits.starts_with('0'));
        match text.parse::<i64>() {
            Ok(number) if is_plain && (-LARGEST..=LARGEST).contains(&number) => Ok(Some(number)),
            _ => {
                self.at = start;
                Err(self.fault("this is not a valid index: write a whole number without leading zeros"))
            }
        }
    }

    /// Parses a name after a dot.
    fn bare_name(&mut self) -> Result<&'t str, Fault> {
        let start = self.at;
        let name = self.take_while(|c| is_first(c) || c.is_ascii_digit());
        if name.starts_with(is_first) && !self.rest().starts_with('-') {
            return Ok(name);
        }
        // `$.info.x-logo` looks right, but needs brackets because of the hyphen.
        self.at = start;
        let meant =
            self.take_while(|c| is_first(c) || c.is_ascii_digit() || matches!(c, '-' | '/' | '{' | '}'));
        self.at = start;
        Err(self.fault(match meant {
            "" => "expected a name or `*`".to_owned(),
            meant => {
                format!("a name after a dot may contain only letters, digits and `_`; write ['{meant}']")
            }
        }))
    }

    /// Parses a string in single or double quotes.
    pub(super) fn quoted(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let quote = self.next().unwrap_or('\'');
        let mut text = String::new();
        loop {
            let here = self.at;
            match self.next() {
                Some(c) if c == quote => return Ok(text),
                Some('\\') => text.push(self.escaped(quote)?),
                Some(c) if c >= ' ' => text.push(c),
                Some(_) => {
                    self.at = here;
                    return Err(self.fault("a control character must be escaped"));
                }
                None => {
                    self.at = start;
                    return Err(self.fault("the string that begins here has no closing quote"));
                }
            }
        }
    }

    fn escaped(&mut self, quote: char) -> Result<char, Fault> {
        let here = self.at;
        match self.next() {
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some(c @ ('/' | '\\')) => Ok(c),
            Some(c) if c == quote => Ok(c),
            Some('u') => self.unicode().ok_or_else(|| {
                self.at = here;
                self.fault("\\u needs four hexadecimal digits, and a surrogate pair needs both halves")
            }),
            _ => {
                self.at = here;
                Err(self.fault("unknown escape; write \\\\ for a backslash"))
            }
        }
    }

    fn unicode(&mut self) -> Option<char> {
        let first = self.hexadecimal()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        let second = self.eat("\\u").then(|| self.hexadecimal()).flatten()?;
        let low = (0xdc00..0xe000).contains(&second).then(|| second - 0xdc00)?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + low)
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        let code = hex_number(self.rest().as_bytes().get(..4)?)?.try_into().ok()?;
        self.at += 4;
        Some(code)
    }

    /// Parses one level deeper, up to the limit.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.open == DEEPEST {
            return Err(self.fault(format!("the expression is nested deeper than {DEEPEST} levels")));
        }
        self.open += 1;
        let result = read(self);
        self.open -= 1;
        result
    }

    pub(super) fn space(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
    }

    pub(super) fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    pub(super) fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) const fn position(&self) -> usize {
        self.at
    }

    pub(super) fn fault(&self, problem: impl Into<String>) -> Fault {
        self.fault_at(self.at, problem)
    }

    /// Creates an error at a position before the current one.
    pub(super) fn fault_at(&self, position: usize, problem: impl Into<String>) -> Fault {
        Fault { column: self.text[..position].chars().count() + 1, problem: problem.into() }
    }
}

/// Whether a name after a dot may begin with this character.
fn is_first(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}
