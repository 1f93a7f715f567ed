//! Quotes command-line words, so that a printed command can be pasted.

use std::borrow::Cow;

/// Quotes the text as one word of a POSIX shell. Text that needs no quotes is unchanged; other text is put into single quotes.
pub fn shell_quoted(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| {
        c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '%' | '+' | ',' | '=')
    };
    if !text.is_empty() && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::shell_quoted;

    #[test]
    fn word_with_special_characters_is_quoted_for_the_shell() {
        for (text, quoted) in [
            ("specs/book-shop_1.yaml", "specs/book-shop_1.yaml"),
            ("größe.yaml", "größe.yaml"),
            ("", "''"),
            ("my api.yaml", "'my api.yaml'"),
            ("my api's docs", r"'my api'\''s docs'"),
            ("~/a", "'~/a'"),
            ("$HOME", "'$HOME'"),
            (r#"{"limit": 3}"#, r#"'{"limit": 3}'"#),
        ] {
            assert_eq!(shell_quoted(text), quoted);
        }
    }
}
