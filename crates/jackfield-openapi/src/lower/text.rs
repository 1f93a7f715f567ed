//! Words of a document on their way to people and models.

use jackfield_model::{Code, Diagnostic, Place, is_invisible, visible_line};

/// The text without what cannot be seen: control characters, bidirectional overrides and invisible tags, by which a
/// document could show a reviewer one thing and a model another. Line ends become `\n`.
pub(crate) fn clean(text: &str) -> String {
    if text.bytes().all(|b| (0x20..0x7F).contains(&b)) {
        // Nothing but what can be seen, on one line.
        return text.trim().to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    out.push('\n');
                }
            }
            '\n' | '\t' => out.push(c),
            c if is_invisible(c) => {}
            c => out.push(c),
        }
    }
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

/// Whether a value or a name holds what cannot be seen and is neither a line end nor a tab, which JSON shows.
pub(crate) fn hides_something(text: &str) -> bool {
    !text.bytes().all(|b| (0x20..0x7F).contains(&b))
        && text.chars().any(|c| is_invisible(c) && !matches!(c, '\n' | '\r' | '\t'))
}

/// The finding about a name that holds invisible characters.
pub(crate) fn invisible_name(name: &str) -> String {
    format!("the name of `{}` holds characters that cannot be seen", visible_line(&shorten(name, SHOWN)))
}

/// How many characters of a name a finding shows.
const SHOWN: usize = 40;

/// The finding about a value or a name that holds what cannot be seen.
pub(crate) fn invisible(place: Place, problem: String) -> Diagnostic {
    Diagnostic::warning(Code::InvisibleText, place, problem)
        .so("it is sent exactly so, and no description quotes it")
        .help("remove the characters from the document, unless the service insists on them")
}

/// The text on one line, words apart by one space.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `limit` characters, cut between words.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    let end = cut.rfind(' ').filter(|end| *end > limit / 2).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end_matches([' ', ',', ';', ':', '.']))
}

/// Whether a text about a body says what another does not: it has a word that is not there, and that not every body
/// could have.
pub(crate) fn says_more(text: &str, known: &str) -> bool {
    const ANY: [&str; 22] = [
        "request",
        "body",
        "payload",
        "parameter",
        "parameters",
        "params",
        "object",
        "json",
        "data",
        "content",
        "input",
        "schema",
        "model",
        "details",
        "the",
        "for",
        "this",
        "that",
        "with",
        "new",
        "and",
        "information",
    ];
    let known = known.to_lowercase();
    text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).any(|word| {
        let stem = word.trim_end_matches(['s', 'd', 'e']);
        stem.chars().count() > 1 && !ANY.contains(&word.as_str()) && !known.contains(stem)
    })
}

/// Whether the text says of the whole that it is deprecated: a sentence begins with the word, and is about nothing else.
pub(crate) fn says_deprecated(text: &str) -> bool {
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
    fn what_cannot_be_seen_is_gone() {
        assert_eq!(clean("a\u{202E}b\u{200B}c\r\nd\u{0}\u{E0041}  \n"), "abc\nd");
    }

    #[test]
    fn what_is_deprecated_says_so_of_itself() {
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
    fn a_text_says_more_by_a_word() {
        assert!(says_more("The book, without its number.", "Adds a book"));
        for text in ["", "The request body.", "New books", "JSON object with the book to add"] {
            assert!(!says_more(text, "Adds a book to the shelf"), "{text}");
        }
    }

    #[test]
    fn long_titles_end_between_words() {
        assert_eq!(shorten("one two three four", 12), "one two…");
        assert_eq!(shorten("short", 12), "short");
    }
}
