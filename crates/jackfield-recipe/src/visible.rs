//! Escapes invisible characters in the texts of a document before people read them.
//!
//! A terminal executes control characters, and bidirectional marks make a line look different from what it contains.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether the character is invisible, or reorders the characters around it: control characters, bidirectional marks, tags and fillers.
/// Joiners do not count, because scripts and emoji need them.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// Escapes text for a terminal, a log line or a message. An invisible character becomes an escape such as
/// `\u{202e}`, line breaks are kept, and a tab becomes a space.
pub fn visible(text: &str) -> Cow<'_, str> {
    escape(text, true)
}

/// Escapes text for a single line, including line breaks.
pub fn visible_line(text: &str) -> Cow<'_, str> {
    escape(text, false)
}

fn escape(text: &str, keeps_lines: bool) -> Cow<'_, str> {
    let stays = |c: char| !is_invisible(c) || (keeps_lines && c == '\n');
    if text.bytes().all(|b| (0x20..0x7F).contains(&b)) || text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if stays(c) => out.push(c),
            '\t' => out.push(' '),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_text_escapes_control_characters() {
        assert_eq!(visible("plain\nlines"), "plain\nlines");
        assert_eq!(
            visible("t\u{1b}]0;PWNED\u{7}\u{9b}31m\u{7f}\r"),
            "t\\u{1b}]0;PWNED\\u{7}\\u{9b}31m\\u{7f}\\r"
        );
        assert_eq!(visible("a\tb\u{202e}c\u{e0041}\u{200b}"), "a b\\u{202e}c\\u{e0041}\\u{200b}");
        assert_eq!(visible("日本 👩\u{200d}💻"), "日本 👩\u{200d}💻");
    }

    #[test]
    fn visible_line_escapes_line_breaks() {
        assert_eq!(visible_line("a\nb"), "a\\nb");
    }
}
