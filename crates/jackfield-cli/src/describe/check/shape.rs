//! Checks that a text is one line of plain words of limited length.

use jackfield_build::model::is_invisible;

/// Beginnings of lines that Markdown interprets.
const STARTS: [&str; 7] = ["#", ">", "- ", "* ", "+ ", "|", "---"];
/// Markup of Markdown and of template languages within a line.
const MARKS: [&str; 10] = ["**", "__", "~~", "](", "][", "![", "{{", "{%", "${", "<!"];

/// Returns a message about the first violation, or None if the text is plain.
pub(super) fn fault(text: &str, most: usize) -> Option<String> {
    if text.is_empty() {
        return Some("it is empty".to_owned());
    }
    let length = text.chars().count();
    if length > most {
        return Some(format!("it has {length} characters, but at most {most} are allowed"));
    }
    if let Some(c) = text.chars().find(|c| is_invisible(*c) || *c == '\u{FFFD}' || is_private(*c)) {
        return Some(match c {
            '\n' | '\r' => "it has more than one line".to_owned(),
            c => format!("it contains the invisible character U+{:04X}", u32::from(c)),
        });
    }
    if !text.chars().any(char::is_alphabetic) {
        return Some("it has no words".to_owned());
    }
    markup(text).map(|mark| format!("it contains markup: `{mark}`"))
}

/// Returns whether a character is in a private use area of Unicode.
const fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFD}')
}

fn markup(text: &str) -> Option<String> {
    if let Some(start) = STARTS.iter().find(|start| text.starts_with(**start)) {
        return Some(start.trim().to_owned());
    }
    if let Some(mark) = MARKS.iter().find(|mark| text.contains(**mark)) {
        return Some((*mark).to_owned());
    }
    if text.contains('`') {
        return Some("a backtick".to_owned());
    }
    for (at, _) in text.match_indices('<') {
        let rest = &text[at + 1..];
        if rest.starts_with(|c: char| c.is_alphabetic() || matches!(c, '/' | '|' | '?' | '!')) {
            return Some(format!("<{}", rest.chars().take(12).collect::<String>()));
        }
    }
    for (at, _) in text.match_indices('&') {
        let name: String = text[at + 1..].chars().take_while(|c| c.is_alphanumeric() || *c == '#').collect();
        if !name.is_empty() && text[at + 1 + name.len()..].starts_with(';') {
            return Some(format!("&{name};"));
        }
    }
    // In `*words*` and `_words_`, one word begins with a mark, and the same or a later word ends with it.
    let words: Vec<&str> = text.split_whitespace().collect();
    ['*', '_'].into_iter().find_map(|mark| {
        let opens = words.iter().position(|word| word.starts_with(mark) && word.len() > 1)?;
        let closes = words[opens..].iter().any(|word| {
            let word = word.trim_end_matches(|c: char| c.is_ascii_punctuation() && c != mark);
            word.ends_with(mark) && word.len() > 1
        });
        closes.then(|| mark.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_one_plain_line_is_accepted() {
        for text in [
            "Lists the books of a shelf",
            "Finds books by title (or author), e.g. by two words",
            "Sets a price < the old one, and R&D's a/b",
            "Größe des Buches; 本の一覧",
            "A name such as sort_by or 2*3",
        ] {
            assert_eq!(fault(text, 100), None, "{text}");
        }
    }

    #[test]
    fn text_with_markup_or_several_lines_is_refused() {
        for (text, why) in [
            ("", "empty"),
            ("123 … !", "no words"),
            ("One\nTwo", "more than one line"),
            ("One\u{202E}Two", "U+202E"),
            ("One\u{200B}Two", "U+200B"),
            ("One\u{E0041}", "U+E0041"),
            ("One\u{7}", "U+0007"),
            ("One\u{E000}", "U+E000"),
            ("# Books", "markup: `#`"),
            ("- Lists books", "markup: `-`"),
            ("Lists **all** books", "markup: `**`"),
            ("Lists *all* books", "markup: `*`"),
            ("Lists _all books_.", "markup: `_`"),
            ("See [it](x)", "markup: `](`"),
            ("The value `a`", "a backtick"),
            ("<b>Books</b>", "markup: `<b>Books</b>`"),
            ("Books </system>", "markup: `</system>`"),
            ("Books <|im_start|>", "markup: `<|im_start|>`"),
            ("Books &lt;b&gt;", "markup: `&lt;`"),
            ("Books {{x}}", "markup: `{{`"),
        ] {
            let found = fault(text, 100).unwrap_or_default();
            assert!(found.contains(why), "{text:?}: {found}");
        }
        assert_eq!(
            fault(&"a".repeat(101), 100).as_deref(),
            Some("it has 101 characters, but at most 100 are allowed")
        );
    }
}
