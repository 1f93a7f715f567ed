//! Escapes texts of documents for Markdown and YAML, so that they are never markup.

use jackfield_model::text::{one_line, shorten};
use jackfield_model::visible_line;

/// Returns the text on one line, truncated to `most` characters. Every character that could begin markup is then escaped.
pub(crate) fn plain(text: &str, most: usize) -> String {
    let line = shorten(&one_line(text), most);
    let line = visible_line(&line);
    let mut out = String::with_capacity(line.len() + 16);
    let mut before = [' '; 3];
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        // Some renderers convert `https://`, `www.` and `@` to links even without brackets.
        let is_link = c == '@'
            || c == ':' && rest.as_str().starts_with("//")
            || c == '.' && before.iter().all(|before| before.eq_ignore_ascii_case(&'w'));
        if is_link
            || matches!(
                c,
                '\\' | '`'
                    | '*'
                    | '_'
                    | '{'
                    | '}'
                    | '['
                    | ']'
                    | '<'
                    | '>'
                    | '('
                    | ')'
                    | '#'
                    | '|'
                    | '~'
                    | '&'
                    | '$'
                    | '!'
                    | '+'
                    | '-'
                    | '='
            )
        {
            out.push('\\');
        }
        out.push(c);
        before = [before[1], before[2], c];
    }
    out
}

/// Returns the text as a quoted YAML scalar on one line. Every JSON string is a YAML scalar.
pub(crate) fn yaml_text(text: &str) -> String {
    serde_json::Value::from(visible_line(text).as_ref()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_document_is_escaped_in_markdown() {
        for (text, escaped) in [
            ("plain words, and more.", "plain words, and more."),
            ("a | b\n\n# c", r"a \| b \# c"),
            ("<img src=x> [a](http://x)", r"\<img src\=x\> \[a\]\(http\://x\)"),
            ("`code` *b* _c_ ~~d", r"\`code\` \*b\* \_c\_ \~\~d"),
            ("www.example.com a@example.com", r"www\.example.com a\@example.com"),
            ("\\| \u{202e}x", r"\\\| \\u\{202e\}x"),
            ("---", r"\-\-\-"),
        ] {
            let shown = plain(text, 200);
            // The escape of an invisible character begins with a backslash, which is escaped too.
            assert_eq!(shown, escaped, "{text}");
        }
        assert_eq!(plain(&"word ".repeat(100), 20), "word word word…");
    }

    #[test]
    fn yaml_text_escapes_line_breaks_and_quotes() {
        assert_eq!(yaml_text("a\"b\n---\nname: c"), r#""a\"b\\n---\\nname: c""#);
    }
}
