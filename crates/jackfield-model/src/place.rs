use std::fmt::{self, Write as _};
use std::sync::Arc;

/// A JSON Pointer (RFC 6901) into a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(String);

impl Pointer {
    /// Returns the pointer to the whole document.
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// Creates a pointer from a text that is already escaped, such as the fragment of a `$ref`.
    pub fn from_escaped(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the pointer to the child `token`, and escapes the token.
    #[must_use]
    pub fn child(&self, token: &str) -> Self {
        let mut text = String::with_capacity(self.0.len() + token.len() + 1);
        text.push_str(&self.0);
        text.push('/');
        for c in token.chars() {
            match c {
                '~' => text.push_str("~0"),
                '/' => text.push_str("~1"),
                c => text.push(c),
            }
        }
        Self(text)
    }

    /// Returns the pointer to the child at `index`.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// Returns the tokens, unescaped.
    pub fn tokens(&self) -> impl Iterator<Item = String> + '_ {
        self.0.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"))
    }

    /// Returns the JSONPath (RFC 9535) of the node.
    pub fn json_path(&self) -> String {
        let mut path = String::from("$");
        for token in self.tokens() {
            if token.bytes().all(|b| b.is_ascii_digit()) && !token.is_empty() && token.len() < 7 {
                // The token may be an index or a key, so both are selected.
                let _ = write!(path, "[{token},'{token}']");
            } else {
                let _ = write!(path, "[{}]", json_path_text(&token));
            }
        }
        path
    }

    /// Returns the escaped pointer.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Quotes a text as a JSONPath string, in single quotes.
pub fn json_path_text(text: &str) -> String {
    let mut quoted = String::from("'");
    for c in text.chars() {
        match c {
            '\\' | '\'' => {
                quoted.push('\\');
                quoted.push(c);
            }
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "/" } else { &self.0 })
    }
}

/// The position of a node: a file and a JSON Pointer. Line numbers are computed only when a finding is
/// printed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file, in the user's spelling.
    pub file: Arc<str>,
    /// The node in that file.
    pub pointer: Pointer,
}

impl Place {
    /// Returns the position of the child `token`.
    #[must_use]
    pub fn child(&self, token: &str) -> Self {
        Self { file: Arc::clone(&self.file), pointer: self.pointer.child(token) }
    }

    /// Returns the position of the child at `index`.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self { file: Arc::clone(&self.file), pointer: self.pointer.index(index) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.file, self.pointer.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Pointer;

    #[test]
    fn json_pointer_escapes_and_unescapes_tokens() {
        let pointer = Pointer::root().child("paths").child("/a~b/{c}").index(3);
        assert_eq!(pointer.as_str(), "/paths/~1a~0b~1{c}/3");
        assert_eq!(pointer.tokens().collect::<Vec<_>>(), ["paths", "/a~b/{c}", "3"]);
    }
}
