//! Cleans titles and descriptions of the document for people and models.

pub(crate) use jackfield_model::text::{one_line, says_deprecated, shorten};
use jackfield_model::{Code, Diagnostic, Place, is_invisible, visible_line};

/// Removes invisible characters: controls, bidirectional overrides and tags. With them, a document could show
/// different texts to a reviewer and to a model. Line ends become `\n`.
pub(crate) fn clean(text: &str) -> String {
    if text.bytes().all(|b| (0x20..0x7F).contains(&b)) {
        // Most descriptions are a single line of visible ASCII, which needs no change.
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

/// Whether a value or a name contains invisible characters other than line ends and tabs, which JSON escapes.
pub(crate) fn hides_something(text: &str) -> bool {
    !text.bytes().all(|b| (0x20..0x7F).contains(&b))
        && text.chars().any(|c| is_invisible(c) && !matches!(c, '\n' | '\r' | '\t'))
}

/// Returns the problem of a name with invisible characters.
pub(crate) fn invisible_name(name: &str) -> String {
    format!("the name of `{}` has invisible characters", visible_line(&shorten(name, SHOWN)))
}

/// The maximum number of characters of a name that a finding shows.
const SHOWN: usize = 40;

/// Returns the finding about a value or a name with invisible characters.
pub(crate) fn invisible(place: Place, problem: String) -> Diagnostic {
    Diagnostic::warning(Code::InvisibleText, place, problem)
        .so("the text is sent unchanged, and descriptions do not quote it")
        .help("remove the characters from the document, unless the service requires them")
}

/// Whether HTTP accepts the text as a token, such as the name of a header.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Whether the description of a body adds information: it contains a word that is neither generic nor already
/// used.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_removed_from_text() {
        assert_eq!(clean("a\u{202E}b\u{200B}c\r\nd\u{0}\u{E0041}  \n"), "abc\nd");
    }

    #[test]
    fn body_description_is_kept_only_if_it_adds_a_word() {
        assert!(says_more("The book, without its number.", "Adds a book"));
        for text in ["", "The request body.", "New books", "JSON object with the book to add"] {
            assert!(!says_more(text, "Adds a book to the shelf"), "{text}");
        }
    }
}
