//! Formats texts from documents as code spans or code blocks of Markdown. Inside them, nothing is a heading, a link, an image or an HTML
//! element.

use std::fmt::Write as _;

use jackfield_recipe::{visible, visible_line};

/// Formats a text as a code span on one line.
pub(crate) fn span(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = visible_line(&line);
    let fence = "`".repeat(longest_run(&line) + usize::from(line.contains('`')));
    let fence = if fence.is_empty() { "`".to_owned() } else { fence };
    // A span that begins or ends with a backtick needs a space, which Markdown parsers remove.
    let pad = if line.starts_with('`') || line.ends_with('`') || line.is_empty() { " " } else { "" };
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// Appends a text as a code block of the language `language`.
pub(crate) fn block(out: &mut String, language: &str, text: &str) {
    let text = text.replace("\r\n", "\n");
    let text = visible(text.trim_matches('\n'));
    let fence = "`".repeat((longest_run(&text) + 1).max(3));
    let _ = write!(out, "{fence}{language}\n{text}\n{fence}\n");
}

/// Returns the length of the longest sequence of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_a_markdown_code_span_cannot_end_the_code_span() {
        for (text, expected) in [
            ("a book", "`a book`"),
            ("a\n# b", "`a # b`"),
            ("a `b` c", "``a `b` c``"),
            ("`", "`` ` ``"),
            ("a``", "``` a`` ```"),
            ("", "`  `"),
            ("[x](https://e.example)", "`[x](https://e.example)`"),
            ("<script>", "`<script>`"),
            ("a\u{202e}b", "`a\\u{202e}b`"),
        ] {
            assert_eq!(span(text), expected, "{text}");
        }
    }

    #[test]
    fn text_in_a_markdown_code_block_cannot_end_the_code_block() {
        for (text, expected) in [
            ("a\n\n# b", "```text\na\n\n# b\n```\n"),
            ("```\n# b\n````", "`````text\n```\n# b\n````\n`````\n"),
            ("a\r\n~~~", "```text\na\n~~~\n```\n"),
            ("a\u{7}", "```text\na\\u{7}\n```\n"),
        ] {
            let mut out = String::new();
            block(&mut out, "text", text);
            assert_eq!(out, expected, "{text}");
        }
    }
}
