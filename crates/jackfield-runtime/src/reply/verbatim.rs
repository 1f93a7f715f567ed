//! Checks whether JSON text from a service can be passed on unchanged, instead of being parsed and serialized again.

use std::collections::HashSet;

/// The maximum depth of text that is passed on. The limit of the parser is slightly higher.
const MOST_DEPTH: usize = 100;

/// The maximum number of digits of integers and of decimal fractions. Numbers with more digits lose digits when they are parsed.
const WHOLE_DIGITS: usize = 18;
const FRACTION_DIGITS: usize = 15;

/// The maximum number of keys for which each key is compared with all other keys.
const FEW_KEYS: usize = 12;

/// JSON text that has the same value for every parser, and keeps its value if it is parsed and serialized.
pub(crate) struct Verbatim<'t> {
    /// Whether the text has neither escapes nor whitespace between tokens.
    pub(super) is_compact: bool,
    /// The members of the outermost object, with the text of their values. No key is repeated.
    pub(crate) members: Vec<(&'t str, &'t str)>,
}

impl<'t> Verbatim<'t> {
    /// Checks text. Returns `None` for invalid JSON, and for valid JSON that this check does not handle: duplicate keys, numbers with
    /// many digits or an exponent, escapes in keys, or deep nesting.
    pub(crate) fn check(text: &'t str) -> Option<Self> {
        let found = Verbatim { is_compact: true, members: Vec::with_capacity(16) };
        let (open, keys) = (Vec::with_capacity(8), Vec::with_capacity(16));
        Scanner { text, at: 0, open, keys, value: 0, found }.scan()
    }
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// The arrays and objects around the current position.
    open: Vec<Container>,
    /// The keys of the objects in `open`.
    keys: Vec<&'t str>,
    /// The start of the value of the outermost object's last member.
    value: usize,
    found: Verbatim<'t>,
}

#[derive(Clone, Copy)]
enum Container {
    List,
    /// An object. Its keys begin at this index of `keys`.
    Object(usize),
}

impl<'t> Scanner<'t> {
    fn scan(mut self) -> Option<Verbatim<'t>> {
        loop {
            self.skip_space();
            let is_nested = match self.next()? {
                b'{' => {
                    self.enter(Container::Object(self.keys.len()))?;
                    let has_entry = !self.takes(b'}');
                    if has_entry {
                        self.key()?;
                    } else {
                        self.open.pop();
                    }
                    has_entry
                }
                b'[' => {
                    self.enter(Container::List)?;
                    let has_item = !self.takes(b']');
                    if !has_item {
                        self.open.pop();
                    }
                    has_item
                }
                b'"' => self.string().map(|_| false)?,
                b't' => self.word("rue")?,
                b'f' => self.word("alse")?,
                b'n' => self.word("ull")?,
                first @ (b'-' | b'0'..=b'9') => self.number(first)?,
                _ => return None,
            };
            if !is_nested && self.end_value()? {
                return Some(self.found);
            }
        }
    }

    /// Continues after a value to the next value. Returns whether the text ends here.
    fn end_value(&mut self) -> Option<bool> {
        loop {
            if let ([Container::Object(_)], Some(key)) = (&*self.open, self.keys.last()) {
                self.found.members.push((key, self.text[self.value..self.at].trim_ascii()));
            }
            self.skip_space();
            let Some(container) = self.open.last().copied() else {
                return (self.at == self.text.len()).then_some(true);
            };
            match (self.next()?, container) {
                (b',', Container::List) => return Some(false),
                (b',', Container::Object(_)) => return self.key().map(|()| false),
                (b']', Container::List) => {}
                (b'}', Container::Object(first)) => {
                    if has_duplicate(&self.keys[first..]) {
                        return None;
                    }
                    self.keys.truncate(first);
                }
                _ => return None,
            }
            self.open.pop();
        }
    }

    fn enter(&mut self, container: Container) -> Option<()> {
        self.open.push(container);
        (self.open.len() <= MOST_DEPTH).then_some(())
    }

    fn key(&mut self) -> Option<()> {
        if !self.takes(b'"') {
            return None;
        }
        let (key, has_escape) = self.string()?;
        self.keys.push(key);
        let is_key = !has_escape && self.takes(b':');
        if self.open.len() == 1 {
            self.value = self.at;
        }
        is_key.then_some(())
    }

    /// Reads a string after its first quote. Returns its text, and whether it contains an escape.
    fn string(&mut self) -> Option<(&'t str, bool)> {
        let (begin, mut has_escape) = (self.at, false);
        loop {
            self.at += plain_bytes(&self.text.as_bytes()[self.at..]) + 1;
            match *self.text.as_bytes().get(self.at - 1)? {
                b'"' => return Some((&self.text[begin..self.at - 1], has_escape)),
                b'\\' => {
                    has_escape = true;
                    self.found.is_compact = false;
                    self.escape()?;
                }
                _ => return None,
            }
        }
    }

    /// Reads an escape after its backslash.
    fn escape(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => match self.four_digits()? {
                // A surrogate pair.
                0xD800..0xDC00 => {
                    let is_escape = self.next()? == b'\\' && self.next()? == b'u';
                    (is_escape && matches!(self.four_digits()?, 0xDC00..0xE000)).then_some(())
                }
                0xDC00..0xE000 => None,
                _ => Some(()),
            },
            _ => None,
        }
    }

    fn four_digits(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
    }

    fn number(&mut self, first: u8) -> Option<bool> {
        let begin = self.at - usize::from(first != b'-');
        self.skip_digits();
        let whole = &self.text[begin..self.at];
        let has_fraction = self.peek() == Some(b'.');
        // Some parsers read `-0` as a float.
        let is_negative_zero = whole == "0" && first == b'-' && !has_fraction;
        if whole.is_empty() || whole.starts_with('0') && whole.len() > 1 || is_negative_zero {
            return None;
        }
        let mut digits = whole.len();
        if has_fraction {
            self.at += 1;
            let begin = self.at;
            self.skip_digits();
            digits += self.at - begin;
            if self.at == begin {
                return None;
            }
        }
        let most = if has_fraction { FRACTION_DIGITS } else { WHOLE_DIGITS };
        (digits <= most && !matches!(self.peek(), Some(b'e' | b'E'))).then_some(false)
    }

    fn skip_digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn word(&mut self, rest: &str) -> Option<bool> {
        let found = self.text.as_bytes()[self.at..].starts_with(rest.as_bytes());
        self.at += rest.len();
        found.then_some(false)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
            self.found.is_compact = false;
        }
    }

    /// Skips whitespace, and the given byte if it comes next. Returns whether the byte was skipped.
    fn takes(&mut self, byte: u8) -> bool {
        self.skip_space();
        let takes = self.peek() == Some(byte);
        self.at += usize::from(takes);
        takes
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}

/// Returns the number of bytes at the beginning that are plain characters of a string: no quotes, backslashes or control
/// characters. Eight bytes are checked at once.
fn plain_bytes(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
    const BACKSLASHES: u64 = u64::from_ne_bytes([b'\\'; 8]);
    const CONTROLS: u64 = u64::from_ne_bytes([0x20; 8]);
    let (chunks, _) = bytes.as_chunks();
    let mut plain = 0;
    for chunk in chunks {
        let word = u64::from_le_bytes(*chunk);
        let (quotes, backslashes) = (word ^ QUOTES, word ^ BACKSLASHES);
        // The high bit of the lowest byte that is not plain is set. Other bits can be set by a carry only above this bit.
        let found = quotes.wrapping_sub(ONES) & !quotes
            | backslashes.wrapping_sub(ONES) & !backslashes
            | word.wrapping_sub(CONTROLS) & !word;
        let found = found & HIGHS;
        if found != 0 {
            return plain + found.trailing_zeros() as usize / 8;
        }
        plain += 8;
    }
    let rest = bytes[plain..].iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
    rest.map_or(bytes.len(), |rest| plain + rest)
}

fn has_duplicate(keys: &[&str]) -> bool {
    if keys.len() <= FEW_KEYS {
        return keys.iter().enumerate().any(|(at, key)| keys[..at].contains(key));
    }
    let mut seen = HashSet::with_capacity(keys.len());
    !keys.iter().all(|key| seen.insert(key))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::super::json::{compact, is_compact};
    use super::*;

    #[test]
    fn json_that_every_parser_reads_alike_is_returned_verbatim() {
        for text in [
            "{}",
            " [ ] ",
            "null",
            "0",
            r#"{"id":"bk_1","price":{"amount":"7.99"},"inStock":12,"tags":["a",true,false,null],"rate":-0.25}"#,
            "{\n  \"a\" : [ 1 , 2.50 ] ,\r\n\t\"b\" : \"caf\u{e9} \u{1F600} \u{2028}\"\n}\n",
            r#"{"a":"x \" \\ \/ \b\f\n\r\t \u0000 \u00e9 \ud83d\ude00","z":""}"#,
            "[123456789012345678,-123456789012345678,0.00000000000001,-0.0]",
        ] {
            assert!(is_verbatim(text), "{text}");
        }
        let many = (0..40).map(|at| format!("\"k{at}\":{{\"k0\":1}}")).collect::<Vec<_>>().join(",");
        assert!(is_verbatim(&format!("{{{many}}}")));
        assert!(!is_verbatim(&format!("{{{many},\"k7\":1}}")));
    }

    #[test]
    fn invalid_or_ambiguous_json_is_not_returned_verbatim() {
        for text in [
            "",
            " ",
            "{",
            "[",
            "{\"a\"",
            "{\"a\":",
            "[1",
            "[1,]",
            "{\"a\":1,}",
            "{,}",
            "[}",
            "{]",
            "{\"a\":1]",
            "[1}",
            "1 2",
            "tr ue",
            "truely",
            "nul",
            "01",
            "-",
            "1.",
            ".5",
            "+1",
            "-0",
            "1e5",
            "1E999",
            "1234567890123456789",
            "0.1234567890123456",
            "123456789012345678901234567890",
            "\"\u{1}\"",
            "\"a\nb\"",
            r#""\ud83d""#,
            r#""\ud83dA""#,
            r#""\ud83d\u0041""#,
            r#""\ude00""#,
            r#""\u+123""#,
            r#""\u12""#,
            "\"\\u12\u{e9}4\"",
            r#""\x""#,
            r#""open"#,
            r#""\"#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{a:1}"#,
            "\u{feff}{}",
            "{}\0",
            "{} {}",
            "\u{a0}1",
        ] {
            assert!(!is_verbatim(text), "{text:?}");
        }
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(is_verbatim(&nested(MOST_DEPTH)));
        assert!(!is_verbatim(&nested(MOST_DEPTH + 1)) && !is_verbatim(&nested(1_000_000)));
    }

    fn is_verbatim(text: &str) -> bool {
        Verbatim::check(text).is_some()
    }

    /// Generates text from pieces of JSON, which is valid or not.
    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("{"),
            Just("}"),
            Just("["),
            Just("]"),
            Just(","),
            Just(":"),
            Just(" "),
            Just("\n"),
            Just("\"a\""),
            Just("\"b\""),
            Just("\"\\u0061\""),
            Just("\"\\ud83d\""),
            Just("\"\\ud83d\\ude00\""),
            Just("\"é\""),
            Just("1"),
            Just("0"),
            Just("-"),
            Just("."),
            Just("5e3"),
            Just("18446744073709551616"),
            Just("true"),
            Just("null"),
            Just("{\"a\":"),
            Just("{}"),
            Just("[1,2]"),
            Just("\"\\n\""),
            Just("\\"),
            Just("\""),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    fn check(text: &str) {
        if let Some(verbatim) = Verbatim::check(text) {
            assert_eq!(verbatim.is_compact, is_compact(text), "{text}");
            let parsed: Value = serde_json::from_str(text).unwrap();
            let passed_on: Value = serde_json::from_str(&compact(text)).unwrap();
            assert_eq!(parsed.to_string(), passed_on.to_string(), "{text}");
            let members: Map<String, Value> = verbatim
                .members
                .iter()
                .map(|(key, value)| ((*key).to_owned(), serde_json::from_str(value).unwrap()))
                .collect();
            assert_eq!(&members, parsed.as_object().unwrap_or(&Map::new()), "{text}");
            // In MCP over stdio, a line break ends a message.
            assert!(!compact(text).contains(['\n', '\r']), "{text}");
        }
    }

    proptest! {
        #[test]
        fn verbatim_text_is_valid_and_keeps_its_value(text in text()) {
            check(&text);
        }

        #[test]
        fn verbatim_strings_and_numbers_keep_their_value(string in "\\PC*", number in any::<f64>(), whole in any::<i64>()) {
            check(&serde_json::json!({ "a": string, "b": [number, whole] }).to_string());
            check(&format!("{{\"{string}\":{number}}}"));
        }
    }
}
