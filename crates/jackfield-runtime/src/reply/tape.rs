//! Parses JSON text to the positions of its values, so that values can be left out while the rest keeps its spelling.

use std::borrow::Cow;

use jackfield_recipe::WalkedKind;

/// The maximum depth, which is also the limit of `serde_json`.
const MOST_DEPTH: usize = 127;
/// The maximum number of values.
const MOST_NODES: usize = 2_000_000;

/// A value: its text, and the number of the node after its last child.
#[derive(Clone, Copy, Debug)]
struct Node {
    start: u32,
    end: u32,
    next: u32,
}

/// Parsed JSON text. Its keys and values are nodes, in the order of the text. The node of a key comes before the node of its value.
#[derive(Debug)]
pub(crate) struct Tape<'t> {
    text: &'t str,
    nodes: Vec<Node>,
}

/// A child of an array or object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Child<'t> {
    /// The text of the key, with quotes. `None` for an item of an array.
    pub(crate) key: Option<&'t str>,
    /// The node of the value.
    pub(crate) node: usize,
}

impl Child<'_> {
    /// Returns the unescaped key.
    pub(crate) fn name(&self) -> Option<Cow<'_, str>> {
        let inner = self.key?.strip_prefix('"')?.strip_suffix('"')?;
        if !inner.contains('\\') {
            return Some(Cow::Borrowed(inner));
        }
        let unescaped = serde_json::from_str(self.key?).unwrap_or_else(|_| inner.to_owned());
        Some(Cow::Owned(unescaped))
    }
}

impl<'t> Tape<'t> {
    /// The node of the root value.
    pub(crate) const ROOT: usize = 0;

    /// Parses text. `None` if it is not JSON, or exceeds the limits.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        if u32::try_from(text.len()).is_err() {
            return None;
        }
        let mut parser = Parser { text, at: 0, nodes: Vec::new() };
        parser.value(0)?;
        parser.skip_space();
        (parser.at == text.len()).then_some(Self { text, nodes: parser.nodes })
    }

    /// Returns the text of a value.
    pub(crate) fn text(&self, node: usize) -> &'t str {
        let Node { start, end, .. } = self.nodes[node];
        &self.text[start as usize..end as usize]
    }

    /// Returns the range of a value in the text.
    pub(crate) fn range(&self, node: usize) -> std::ops::Range<usize> {
        let Node { start, end, .. } = self.nodes[node];
        start as usize..end as usize
    }

    pub(crate) fn kind(&self, node: usize) -> WalkedKind {
        match self.text.as_bytes()[self.nodes[node].start as usize] {
            b'[' => WalkedKind::List,
            b'{' => WalkedKind::Object,
            _ => WalkedKind::Scalar,
        }
    }

    /// Returns the items or members of a value.
    pub(crate) fn children(&self, node: usize) -> Children<'_, 't> {
        let end = self.nodes[node].next as usize;
        Children { tape: self, at: node + 1, end, is_object: self.kind(node) == WalkedKind::Object }
    }

    /// Returns the number of the node after the last child of a value.
    pub(crate) fn after(&self, node: usize) -> usize {
        self.nodes[node].next as usize
    }

    pub(crate) const fn len(&self) -> usize {
        self.nodes.len()
    }
}

/// The children of a node.
pub(crate) struct Children<'c, 't> {
    tape: &'c Tape<'t>,
    at: usize,
    end: usize,
    is_object: bool,
}

impl<'t> Iterator for Children<'_, 't> {
    type Item = Child<'t>;

    fn next(&mut self) -> Option<Child<'t>> {
        if self.at >= self.end {
            return None;
        }
        let key = self.is_object.then(|| self.tape.text(self.at));
        let node = self.at + usize::from(self.is_object);
        self.at = self.tape.nodes[node].next as usize;
        Some(Child { key, node })
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    nodes: Vec<Node>,
}

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Option<()> {
        self.skip_space();
        let node = self.open()?;
        match self.peek()? {
            b'{' => self.container(depth, b'}')?,
            b'[' => self.container(depth, b']')?,
            b'"' => self.string()?,
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            _ => self.number()?,
        }
        self.close(node)
    }

    fn container(&mut self, depth: usize, end: u8) -> Option<()> {
        if depth == MOST_DEPTH {
            return None;
        }
        self.at += 1;
        if self.takes(end) {
            return Some(());
        }
        loop {
            if end == b'}' {
                self.skip_space();
                let key = self.open()?;
                self.string()?;
                self.close(key)?;
                if !self.takes(b':') {
                    return None;
                }
            }
            self.value(depth + 1)?;
            if self.takes(end) {
                return Some(());
            }
            if !self.takes(b',') {
                return None;
            }
        }
    }

    fn open(&mut self) -> Option<usize> {
        let start = u32::try_from(self.at).ok()?;
        self.nodes.push(Node { start, end: start, next: 0 });
        (self.nodes.len() <= MOST_NODES).then(|| self.nodes.len() - 1)
    }

    fn close(&mut self, node: usize) -> Option<()> {
        let next = u32::try_from(self.nodes.len()).ok()?;
        let opened = self.nodes.get_mut(node)?;
        (opened.end, opened.next) = (u32::try_from(self.at).ok()?, next);
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        if self.peek()? != b'"' {
            return None;
        }
        let begin = self.at;
        self.at += 1;
        let mut has_escape = false;
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            self.at += rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))? + 1;
            match self.text.as_bytes()[self.at - 1] {
                b'"' => break,
                b'\\' => {
                    has_escape = true;
                    self.peek()?;
                    self.at += 1;
                }
                _ => return None,
            }
        }
        // Escapes are rare in compact text.
        let literal = self.text.get(begin..self.at)?;
        (!has_escape || serde_json::from_str::<Cow<'_, str>>(literal).is_ok()).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.bytes().position(|byte| !is_part(&byte)).unwrap_or(rest.len());
        self.at += length;
        is_number(&rest[..length]).then_some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let is_here = self.text.get(self.at..)?.starts_with(word);
        self.at += word.len();
        is_here.then_some(())
    }

    fn takes(&mut self, byte: u8) -> bool {
        self.skip_space();
        let takes = self.peek() == Some(byte);
        self.at += usize::from(takes);
        takes
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

/// Whether the text is a JSON number: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || whole > 1 && rest.starts_with('0') {
        return false;
    }
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let length = digits(exponent);
        return length > 0 && length == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn json_children_are_found_with_their_keys() {
        let tape = Tape::parse(r#" { "a" : [1, {"b\n": null}, []], "a":"x" } "#).unwrap();
        let members: Vec<(String, &str)> = tape
            .children(Tape::ROOT)
            .map(|child| (child.name().unwrap().into_owned(), tape.text(child.node)))
            .collect();
        assert_eq!(members, [("a".to_owned(), r#"[1, {"b\n": null}, []]"#), ("a".to_owned(), "\"x\"")]);
        let list = tape.children(Tape::ROOT).next().unwrap();
        let items: Vec<usize> = tape.children(list.node).map(|item| item.node).collect();
        assert_eq!(items.len(), 3);
        let inner = tape.children(items[1]).next().unwrap();
        assert_eq!(inner.name().as_deref(), Some("b\n"));
        assert_eq!(tape.children(items[2]).count(), 0);
    }

    #[test]
    fn json_that_is_invalid_or_nested_too_deeply_is_not_parsed() {
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "{a:1}",
            "01",
            "1.",
            "-",
            "+1",
            "1e",
            "tru",
            "\"\\x\"",
            "\"\\ud83d\"",
            "\"a\nb\"",
            "1 2",
            "[1}",
            "\u{feff}1",
        ] {
            assert!(Tape::parse(text).is_none(), "{text:?}");
        }
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Tape::parse(&nested(MOST_DEPTH)).is_some());
        assert!(
            Tape::parse(&nested(MOST_DEPTH + 1)).is_none() && Tape::parse(&"[".repeat(1 << 20)).is_none()
        );
        assert!(Tape::parse(&format!("[{}0]", "0,".repeat(MOST_NODES))).is_none());
    }

    proptest! {
        #[test]
        fn tape_accepts_the_same_json_as_serde_json(text in "[\\[\\]{}:,\"\\\\a-z0-9.eE+\\- ]{0,24}") {
            let parsed = serde_json::from_str::<Value>(&text);
            // A number that is too large for a float is still a JSON number.
            let is_out_of_range = parsed.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
            prop_assert!(Tape::parse(&text).is_some() == parsed.is_ok() || is_out_of_range, "{}", text);
        }
    }
}
