//! Text helpers that several crates use.

use serde_json::Value;

use crate::is_invisible;

/// The prefix of the request body's description in a tool's description. It is used if the body is split into several arguments.
pub const BODY: &str = "Body: ";

/// Estimates the length of a value as JSON text.
pub fn json_length(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 4,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| json_length(item) + 1).sum::<usize>() + 2,
        Value::Object(map) => {
            map.iter().map(|(key, value)| key.len() + 4 + json_length(value)).sum::<usize>() + 2
        }
    }
}

/// Quotes a text as a TOML basic string, whose escapes differ from Rust's. Invisible characters are escaped, so that
/// people who review a file see them.
pub fn toml_text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_invisible(c) && c > '\u{FFFF}' => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
            c if is_invisible(c) => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Returns `name` as a TOML key: bare if its characters allow that, and quoted otherwise.
pub fn toml_key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { toml_text(name) }
}

/// Returns the text on one line, with one space between words.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Truncates the text between words to at most `limit` characters.
pub fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    let end = cut.rfind(' ').filter(|end| *end > limit / 2).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end_matches([' ', ',', ';', ':', '.']))
}

/// Whether the text says that the whole operation is deprecated: a sentence consists of the word `deprecated`, or
/// begins with it and punctuation.
pub fn says_deprecated(text: &str) -> bool {
    text.lines().flat_map(|line| line.split(". ")).any(|sentence| {
        let sentence = sentence.trim_start_matches(|c: char| c.is_whitespace() || "*_>([!".contains(c));
        sentence.split_at_checked("deprecated".len()).is_some_and(|(word, rest)| {
            let alone = rest.trim_start_matches(['*', '_']);
            word.eq_ignore_ascii_case("deprecated")
                && (alone.is_empty() || alone.starts_with([':', '.', ',', ')', ']', '!']))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentence_that_begins_with_deprecated_marks_the_operation_as_deprecated() {
        for text in
            ["Lists books. deprecated: use the shelf.", "[DEPRECATED] Lists books", "Books\n> **Deprecated**"]
        {
            assert!(says_deprecated(text), "{text}");
        }
        for text in ["Deprecated fields are left out", "Use it. Not deprecated", "deprecatedness", ""] {
            assert!(!says_deprecated(text), "{text}");
        }
    }

    #[test]
    fn invisible_characters_are_escaped_in_toml() {
        assert_eq!(toml_text("a\"\\\n\u{202e}\u{e0041}é"), r#""a\"\\\u000A\u202E\U000E0041é""#);
    }

    #[test]
    fn shorten_truncates_between_words() {
        assert_eq!(shorten("one two three four", 12), "one two…");
        assert_eq!(shorten("short", 12), "short");
    }
}
