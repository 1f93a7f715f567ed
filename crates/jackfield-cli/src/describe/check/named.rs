//! Finds the names of other tools in a text, and quoted values and identifiers that the document does not contain.

use std::collections::BTreeMap;

use super::sources::Sources;

/// The names of tools and operations. The keys are in lower case, and the values have the original spelling.
#[derive(Clone, Debug, Default)]
pub(in crate::describe) struct Names(BTreeMap<String, String>);

impl<'n> FromIterator<&'n str> for Names {
    fn from_iter<T: IntoIterator<Item = &'n str>>(names: T) -> Self {
        Self(names.into_iter().map(|name| (name.to_lowercase(), name.to_owned())).collect())
    }
}

/// Returns the first tool that the text names, other than the tools in `own`.
pub(super) fn other_tool<'n>(text: &str, own: &[&str], names: &'n Names) -> Option<&'n str> {
    let own: Vec<String> = own.iter().map(|name| name.to_lowercase()).collect();
    let words: Vec<String> = identifiers(text).map(str::to_lowercase).collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let (_, name) = names.0.get_key_value(word).filter(|(lower, _)| !own.contains(lower))?;
        // A name such as `search` is also an ordinary word.
        let is_usual = name.chars().skip(1).all(char::is_lowercase);
        let is_tool = |at: Option<usize>| {
            at.and_then(|at| words.get(at)).is_some_and(|word| matches!(word.as_str(), "tool" | "tools"))
        };
        let is_named =
            !is_usual || is_tool(at.checked_sub(1)) || is_tool(Some(at + 1)) || is_quoted(text, word);
        is_named.then_some(name.as_str())
    })
}

/// Returns the first quoted value or identifier in the text that the document does not contain.
pub(super) fn unknown<'t>(text: &'t str, known: &Sources) -> Option<&'t str> {
    let lower = known.text.to_lowercase();
    let quoted = quoted(text).find(|value| !lower.contains(&value.to_lowercase()));
    quoted.or_else(|| identifiers(text).find(|word| is_code(word) && !known.text.contains(word)))
}

/// Returns the words of a text in their original spelling. A word consists of the characters that names of tools may have.
fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.split(move |c| !is_part(c)).map(|word| word.trim_matches('-')).filter(|word| !word.is_empty())
}

/// Returns whether a word is spelled like an identifier in code, such as `sort_by` or `sortBy`.
fn is_code(word: &str) -> bool {
    let is_camel = word.starts_with(char::is_lowercase) && word.chars().any(char::is_uppercase);
    word.contains('_') || is_camel
}

/// Returns the quoted values in a text.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    const PAIRS: [(char, char); 5] = [('"', '"'), ('“', '”'), ('‘', '’'), ('«', '»'), ('\'', '\'')];
    PAIRS.into_iter().flat_map(move |(opens, closes)| {
        let mut found = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find(opens) {
            let is_inner = rest[..start].ends_with(char::is_alphanumeric);
            let after = &rest[start + opens.len_utf8()..];
            // An apostrophe, as in `book's`, is not a quote.
            if is_inner && opens == '\'' {
                rest = after;
                continue;
            }
            let Some(end) = after.find(closes) else { break };
            found.push(&after[..end]);
            rest = &after[end + closes.len_utf8()..];
        }
        found.into_iter().filter(|value| !value.trim().is_empty())
    })
}

fn is_quoted(text: &str, word: &str) -> bool {
    quoted(text).any(|value| value.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_tools_are_found_in_a_description() {
        let names = Names::from_iter(["add_book", "removeBook", "search", "get-book", "list_books"]);
        for (text, expected) in [
            ("Call add_book afterwards", Some("add_book")),
            ("Unlike Add_Book, it lists", Some("add_book")),
            ("Like removeBook", Some("removeBook")),
            ("Like removebook", Some("removeBook")),
            ("After get-book.", Some("get-book")),
            ("Use the search tool", Some("search")),
            ("Use \"search\" first", Some("search")),
            ("Runs a search for books", None),
            ("list_books lists books", None),
            ("Adds a book", None),
        ] {
            assert_eq!(other_tool(text, &["list_books"], &names), expected, "{text}");
        }
    }

    #[test]
    fn identifiers_that_the_document_does_not_contain_are_found() {
        let mut known = Sources::default();
        known.text("Sorts by sort_by or pageSize, Open or closed, under /books/{bookId}");
        for (text, expected) in [
            ("Sorts with sort_by and pageSize of bookId", None),
            ("Only \"open\" ones, or 'closed'", None),
            ("The book's and the shelf's name", None),
            ("GitHub and OAuth", None),
            ("With \"archived\" ones", Some("archived")),
            ("With 'archived' ones", Some("archived")),
            ("With “archived” ones", Some("archived")),
            ("Passes send_email", Some("send_email")),
            ("Passes sendEmail", Some("sendEmail")),
            ("As mcp__files__read", Some("mcp__files__read")),
        ] {
            assert_eq!(unknown(text, &known), expected, "{text}");
        }
    }
}
