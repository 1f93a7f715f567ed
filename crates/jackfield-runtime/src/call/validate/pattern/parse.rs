//! Parses a pattern that `regress` has accepted.

use std::sync::Arc;

use jackfield_recipe::hex_number;
use regress::Regex;

/// The maximum nesting of groups.
const DEEPEST: usize = 64;

/// A part of a pattern.
#[derive(Debug)]
pub(super) enum Node {
    Character(Characters),
    /// `^`
    Start,
    /// `$`
    End,
    /// `\b`, or `\B`
    WordBoundary(bool),
    Sequence(Vec<Node>),
    Alternatives(Vec<Node>),
    Repeat {
        node: Box<Node>,
        least: u32,
        most: Option<u32>,
    },
    /// `(?=…)`, or `(?!…)`
    Ahead {
        node: Box<Node>,
        negative: bool,
    },
}

/// The characters that match at one position.
#[derive(Clone, Debug)]
pub(super) enum Characters {
    One(char),
    /// `.`
    Line,
    Class(Arc<Class>),
}

/// The characters of `[…]`, `\w` or `\p{…}`. ASCII characters are in a table, and `regress` decides about all other
/// characters.
#[derive(Clone, Debug)]
pub(super) struct Class {
    ascii: u128,
    regex: Regex,
}

impl Characters {
    pub(super) fn hold(&self, c: char) -> bool {
        match self {
            Self::One(one) => *one == c,
            Self::Line => !matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}'),
            Self::Class(class) if c.is_ascii() => class.ascii >> u32::from(c) & 1 == 1,
            Self::Class(class) => class.regex.find(c.encode_utf8(&mut [0; 4])).is_some(),
        }
    }
}

/// Parses a pattern. `None` if an automaton cannot express it, or if it nests too deeply.
pub(super) fn parse(pattern: &str, unicode: bool) -> Option<Node> {
    let mut parser = Parser { rest: pattern, unicode, depth: 0 };
    let node = parser.alternatives()?;
    parser.rest.is_empty().then_some(node)
}

struct Parser<'p> {
    rest: &'p str,
    unicode: bool,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    fn take(&mut self, text: &str) -> bool {
        self.rest.strip_prefix(text).map(|rest| self.rest = rest).is_some()
    }

    fn alternatives(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut all = vec![self.sequence()?];
        while self.take("|") {
            all.push(self.sequence()?);
        }
        self.depth -= 1;
        Some(if all.len() == 1 { all.pop()? } else { Node::Alternatives(all) })
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut all = Vec::new();
        while self.peek().is_some_and(|c| !matches!(c, '|' | ')')) {
            let node = self.term()?;
            all.push(self.repeated(node)?);
        }
        Some(Node::Sequence(all))
    }

    fn term(&mut self) -> Option<Node> {
        let before = self.rest;
        Some(match self.next()? {
            '^' => Node::Start,
            '$' => Node::End,
            '.' => Node::Character(Characters::Line),
            '(' => return self.group(),
            '[' => {
                while let Some(c) = self.next().filter(|c| *c != ']') {
                    if c == '\\' {
                        self.next()?;
                    }
                }
                self.class(&before[..before.len() - self.rest.len()])?
            }
            '\\' => return self.escape(before),
            other => Node::Character(Characters::One(other)),
        })
    }

    fn group(&mut self) -> Option<Node> {
        let ahead = if self.take("?=") {
            Some(false)
        } else if self.take("?!") {
            Some(true)
        } else {
            if self.take("?<") {
                // The group is either named or a lookbehind.
                if matches!(self.peek(), Some('=' | '!')) {
                    return None;
                }
                while self.next()? != '>' {}
            } else if !self.take("?:") && self.peek() == Some('?') {
                return None;
            }
            None
        };
        let node = self.alternatives()?;
        if !self.take(")") {
            return None;
        }
        Some(match ahead {
            Some(negative) => Node::Ahead { node: Box::new(node), negative },
            None => node,
        })
    }

    fn escape(&mut self, before: &str) -> Option<Node> {
        let c = match self.next()? {
            'b' => return Some(Node::WordBoundary(true)),
            'B' => return Some(Node::WordBoundary(false)),
            'd' | 'D' | 'w' | 'W' | 's' | 'S' => return self.class(&before[..2]),
            'p' | 'P' if self.unicode => {
                while self.next()? != '}' {}
                return self.class(&before[..before.len() - self.rest.len()]);
            }
            // Backreferences, and escapes that the non-Unicode mode parses differently.
            'k' | 'p' | 'P' | '1'..='9' => return None,
            '0' if self.peek().is_some_and(|c| c.is_ascii_digit()) => return None,
            '0' => '\0',
            't' => '\t',
            'n' => '\n',
            'v' => '\u{b}',
            'f' => '\u{c}',
            'r' => '\r',
            'c' => char::from(u8::try_from(self.next().filter(char::is_ascii_alphabetic)?).ok()? & 0x1F),
            'x' => char::from_u32(self.hex(2)?)?,
            'u' => self.unicode_escape()?,
            other => other,
        };
        Some(Node::Character(Characters::One(c)))
    }

    /// Parses the rest of `\u`: four digits, a surrogate pair, or braces.
    fn unicode_escape(&mut self) -> Option<char> {
        if self.take("{") {
            let (digits, rest) = self.rest.split_once('}').filter(|_| self.unicode)?;
            self.rest = rest;
            return char::from_u32(hex_number(digits.as_bytes())?.try_into().ok()?);
        }
        let first = self.hex(4)?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first);
        }
        if !self.take("\\u") {
            return None;
        }
        let second = self.hex(4).filter(|second| (0xDC00..0xE000).contains(second))?;
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    }

    fn hex(&mut self, digits: usize) -> Option<u32> {
        let text = self.rest.get(..digits)?;
        self.rest = &self.rest[digits..];
        hex_number(text.as_bytes())?.try_into().ok()
    }

    fn class(&self, source: &str) -> Option<Node> {
        let regex = super::syntax::compile(source, self.unicode)?;
        let mut ascii = 0;
        for c in 0..128_u8 {
            let is_in = regex.find(char::from(c).encode_utf8(&mut [0; 4])).is_some();
            ascii |= u128::from(is_in) << c;
        }
        Some(Node::Character(Characters::Class(Arc::new(Class { ascii, regex }))))
    }

    /// Adds the quantifier that follows the node, if there is one.
    fn repeated(&mut self, node: Node) -> Option<Node> {
        let (least, most) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.rest.split_once('}').and_then(|(inside, _)| counts(&inside[1..])) {
                Some(counts) => {
                    while self.peek() != Some('}') {
                        self.next();
                    }
                    counts
                }
                // In the non-Unicode mode this brace is a literal character.
                None => return Some(node),
            },
            _ => return Some(node),
        };
        self.next();
        self.take("?");
        Some(Node::Repeat { node: Box::new(node), least, most })
    }
}

/// Parses the limits in `{2,5}`. A number that does not fit into 32 bits counts as the largest 32-bit number.
fn counts(inside: &str) -> Option<(u32, Option<u32>)> {
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse().unwrap_or(u32::MAX))
    };
    match inside.split_once(',') {
        None => number(inside).map(|count| (count, Some(count))),
        Some((least, "")) => Some((number(least)?, None)),
        Some((least, most)) => Some((number(least)?, Some(number(most)?))),
    }
}
