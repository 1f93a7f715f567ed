//! Types for names. Each kind of name has its own type, so that the compiler distinguishes the kinds.

use std::fmt;

/// The error for a text that is not a valid name of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    text: String,
    wanted: &'static str,
}

impl NameError {
    pub(crate) fn new(text: impl Into<String>, wanted: &'static str) -> Self {
        Self { text: text.into(), wanted }
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not {}", self.text, self.wanted)
    }
}

impl std::error::Error for NameError {}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $wanted:literal, $accepts:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Checks the text and keeps it unchanged.
            ///
            /// # Errors
            /// Returns an error if the text is not a valid name of this kind.
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                let accepts: fn(&str) -> bool = $accepts;
                if accepts(&text) { Ok(Self(text)) } else { Err(NameError::new(text, $wanted)) }
            }

            /// Returns the name as a string slice.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A name as the service spells it. It may be any text, so generated Rust contains it only in string literals.
    WireName,
    "a wire name",
    |_| true
);

impl From<&str> for WireName {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

name!(
    /// An identifier that Rust accepts for a function, constant or module: ASCII, and not a keyword.
    RustIdent,
    "a Rust identifier of ASCII letters, digits and `_` that is not a keyword",
    |text| {
        let mut chars = text.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && text != "_"
            && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !RustIdent::is_keyword(text)
    }
);

name!(
    /// A tool name that MCP clients and model APIs accept: at most 64 characters of `A-Z a-z 0-9 _ -`.
    ToolName,
    "a tool name (1 to 64 of A-Z a-z 0-9 _ -)",
    |text| {
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    }
);

name!(
    /// The name of a property in a tool's input that model APIs accept: at most 64 characters of `A-Z a-z 0-9
    /// _ - .`.
    ArgName,
    "an argument name (1 to 64 of A-Z a-z 0-9 _ - .)",
    |text| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    }
);

name!(
    /// The name of a connector: lower-case words joined by `-`. The crate, the binary and the environment variables
    /// are named after the connector.
    ConnectorName,
    "a connector name (lower case letters and digits, words joined by `-`, a letter first)",
    |text| {
        text.len() <= 64
            && text.split('-').all(|word| {
                !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            })
            && text.starts_with(|c: char| c.is_ascii_lowercase())
    }
);

impl RustIdent {
    /// Whether the word is a keyword of Rust, edition 2024.
    pub fn is_keyword(text: &str) -> bool {
        KEYWORDS.binary_search(&text).is_ok()
    }
}

impl ConnectorName {
    /// Converts free text, such as a title or the stem of a file name, to a connector name.
    pub fn from_text(text: &str) -> Option<Self> {
        let words: Vec<String> = text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        let mut name = words.join("-");
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            name.insert_str(0, "api-");
        }
        name.truncate(64);
        Self::new(name.trim_end_matches('-')).ok()
    }
}

/// Sorted for binary search; a test checks the order.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_keywords_are_sorted_for_binary_search() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn rust_keywords_are_not_identifiers() {
        assert!(RustIdent::new("type").is_err());
        assert!(RustIdent::new("type_").is_ok());
        assert!(RustIdent::new("_").is_err());
        assert!(RustIdent::new("3d").is_err());
        assert!(RustIdent::new("größe").is_err());
    }

    #[test]
    fn connector_name_is_made_from_the_title_of_the_document() {
        let name = |text| ConnectorName::from_text(text).map(|name| name.to_string());
        assert_eq!(name("The Bookshop API").as_deref(), Some("the-bookshop-api"));
        assert_eq!(name("3scale").as_deref(), Some("api-3scale"));
        assert_eq!(name("書店"), None);
    }
}
