//! JSON: a scanner of exact tokens that steps over whatever is not on the way.

use super::Span;

/// The key or item that `tokens` lead to, or its deepest ancestor.
pub(super) fn find(text: &str, tokens: &[String]) -> Option<Span> {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0 };
    scanner.skip_space();
    let mut found = scanner.at..scanner.at + 1;
    for token in tokens {
        let next = match scanner.peek()? {
            b'{' => scanner.entry(token),
            b'[' => token.parse().ok().and_then(|index| scanner.item(index)),
            _ => None,
        };
        let Some((span, value)) = next else { break };
        found = span;
        scanner.at = value;
    }
    Some(found)
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    /// The key of the last entry under `token`, as the last counts in the tree, and the beginning of its value.
    fn entry(&mut self, token: &str) -> Option<(Span, usize)> {
        let mut found = None;
        self.at += 1;
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return found;
            }
            let start = self.at;
            self.skip_string();
            let key = start..self.at;
            self.skip_space();
            if self.peek() != Some(b':') {
                return found;
            }
            self.at += 1;
            self.skip_space();
            if self.is_spelled(&key, token) {
                found = Some((key, self.at));
            }
            self.skip_value();
            if !self.skip_comma() {
                return found;
            }
        }
    }

    fn item(&mut self, index: usize) -> Option<(Span, usize)> {
        self.at += 1;
        for passed in 0_usize.. {
            self.skip_space();
            if matches!(self.peek(), None | Some(b']')) {
                break;
            }
            let start = self.at;
            let opens = matches!(self.peek(), Some(b'{' | b'['));
            if passed == index {
                if !opens {
                    self.skip_value();
                }
                return Some((start..self.at.max(start + 1), start));
            }
            self.skip_value();
            if !self.skip_comma() {
                break;
            }
        }
        None
    }

    fn is_spelled(&self, key: &Span, token: &str) -> bool {
        let quoted = self.text.get(key.clone()).unwrap_or_default();
        if quoted.contains('\\') {
            serde_json::from_str::<String>(quoted).is_ok_and(|key| key == token)
        } else {
            quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) == Some(token)
        }
    }

    /// Steps over one value, however deep: only its brackets are counted.
    fn skip_value(&mut self) {
        let mut open = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.skip_string(),
                b'{' | b'[' => {
                    open += 1;
                    self.at += 1;
                }
                b'}' | b']' if open == 0 => return,
                b'}' | b']' => {
                    open -= 1;
                    self.at += 1;
                }
                b',' if open == 0 => return,
                b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => {
                    self.at += 1;
                    continue;
                }
                _ => self.skip_word(),
            }
            if open == 0 {
                return;
            }
        }
    }

    /// Steps over a number, `true`, `false` or `null`.
    fn skip_word(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            if matches!(byte, b',' | b':' | b'}' | b']' | b'{' | b'[' | b'"' | b' ' | b'\t' | b'\n' | b'\r') {
                return;
            }
            self.at += 1;
        }
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.bytes.len());
    }

    fn skip_comma(&mut self) -> bool {
        self.skip_space();
        let is_there = self.peek() == Some(b',');
        self.at += usize::from(is_there);
        is_there
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use jackfield_model::Pointer;

    use super::find;

    fn shown<'a>(text: &'a str, pointer: &str) -> &'a str {
        let tokens: Vec<String> = Pointer::from_escaped(pointer).tokens().collect();
        &text[find(text, &tokens).unwrap()]
    }

    #[test]
    fn keys_and_items_are_found() {
        let text = r#" {"a": {"b\u0062": [1, {"c": null}, "x,]y", [2]]}, "a/b": "\\\"}", "é": 1e5}"#;
        for (pointer, shows) in [
            ("", "{"),
            ("/a", r#""a""#),
            ("/a/bb", r#""b\u0062""#),
            ("/a/bb/0", "1"),
            ("/a/bb/1", "{"),
            ("/a/bb/1/c", r#""c""#),
            ("/a/bb/2", r#""x,]y""#),
            ("/a/bb/3/0", "2"),
            ("/a~1b", r#""a/b""#),
            ("/é", r#""é""#),
        ] {
            assert_eq!(shown(text, pointer), shows, "{pointer}");
        }
    }

    #[test]
    fn the_last_of_equal_keys_and_the_deepest_ancestor() {
        let text = r#"{"a": {"x": 1}, "b": 2, "a": {"y": 3}}"#;
        let tokens = ["a".to_owned()];
        assert_eq!(find(text, &tokens).unwrap().start, 24);
        assert_eq!(shown(text, "/a/y/z/0"), r#""y""#);
        assert_eq!(shown(text, "/b/1"), r#""b""#);
    }

    #[test]
    fn no_text_stops_the_scanner() {
        let text = r#"{"a":[{"b":"\"\u00e9"},[1,-2e3,tru]],"c":{}}"#;
        let tokens = ["a", "0", "b"].map(str::to_owned);
        for end in 0..=text.len() {
            find(&text[..end], &tokens);
            find(&text[end..], &tokens);
        }
        find("{\"a\\", &tokens);
    }
}
