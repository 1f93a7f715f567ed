//! Shortens sentences at the boundaries of clauses.

use super::words::is_empty;

/// Words that begin a clause which the sentence does not need.
const SUBORDINATES: [&str; 15] = [
    "although", "because", "but", "if", "since", "so", "that", "unless", "when", "where", "whereas", "which",
    "while", "who", "whose",
];

/// Words before which a phrase ends.
const LINKS: [&str; 20] = [
    "after",
    "and",
    "at",
    "based",
    "before",
    "by",
    "during",
    "for",
    "from",
    "in",
    "including",
    "into",
    "on",
    "or",
    "through",
    "to",
    "using",
    "via",
    "with",
    "within",
];

/// A kind of position at which a sentence may be cut. At a better boundary, more text may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Boundary {
    Phrase,
    Clause,
    Sentence,
}

/// Returns the text in at most `room` characters: unchanged, or up to the end of a clause. Brackets and quotes are
/// closed.
pub(super) fn shortened(text: &str, room: usize) -> String {
    let text = finished(text);
    if text.chars().count() <= room {
        return text;
    }
    // A clause at the beginning is meaningless without the main clause after it.
    let first = main_clause(&text);
    let best = |wanted: Boundary, fewest: usize| {
        let within =
            boundaries(&text).take_while(|(_, length, _)| *length <= room).filter(|(at, ..)| *at > first);
        within.filter(|(_, length, found)| *found >= wanted && *length >= fewest).last().map(|(at, ..)| at)
    };
    let at = best(Boundary::Sentence, room / 2)
        .or_else(|| best(Boundary::Clause, room / 3))
        .or_else(|| best(Boundary::Phrase, room / 4))
        .or_else(|| best(Boundary::Phrase, 1));
    let hard = || text.char_indices().nth(room).map_or(text.len(), |(at, _)| at);
    let cut = match at {
        Some(at) => &text[..at],
        // A single phrase without a boundary is cut after its last complete word.
        None => {
            let cut = &text[..hard()];
            cut.rfind(' ').map_or(cut, |end| &cut[..end])
        }
    };
    finished(without_links(cut))
}

/// Whether the text begins with a condition or a purpose that precedes the main clause.
pub(super) fn begins_with_condition(text: &str) -> bool {
    let first = text.split(' ').next().unwrap_or_default().to_lowercase();
    let is_subordinate = SUBORDINATES.binary_search(&first.as_str()).is_ok() && first != "that";
    is_subordinate || matches!(first.as_str(), "after" | "before" | "by" | "for" | "in" | "once" | "to")
}

/// Returns the position at which the main clause begins.
pub(super) fn main_clause(text: &str) -> usize {
    if begins_with_condition(text) { text.find(", ").unwrap_or(0) } else { 0 }
}

/// Returns the text without brackets that contain examples.
pub(super) fn without_examples(text: &str) -> String {
    let mut text = text.to_owned();
    for opening in [" (e.g", " (i.e", " (for example", " (such as", " (like "] {
        while let Some(at) = text.find(opening) {
            let inner = &text[at + 2..];
            let end = inner.find(')').filter(|end| !inner[..*end].contains('('));
            let Some(end) = end else { break };
            text.replace_range(at..at + 3 + end, "");
        }
    }
    text
}

/// Returns the text without a final word that requires a continuation.
pub(super) fn finished(text: &str) -> String {
    let mut text = balanced(text.trim());
    loop {
        let kept = text.trim_end_matches(|c: char| {
            c.is_whitespace() || matches!(c, '.' | ':' | ',' | ';' | '-' | '–' | '—' | '/' | '&' | '…' | '。')
        });
        // An abbreviation such as `e.g.` announces text that was cut off.
        let shorter = ["e.g", "i.e", "eg", "ie", "such as", "like"].iter().find_map(|it| {
            let before = kept.strip_suffix(it)?;
            before.ends_with([' ', ',', '(']).then_some(before)
        });
        let kept = shorter.unwrap_or(kept);
        let last = kept.rsplit(' ').next().unwrap_or_default();
        let goes_on = matches!(
            last,
            "a" | "an" | "and" | "or" | "the" | "that" | "which" | "if" | "when" | "only" | "not"
        ) && last != kept;
        let kept = if goes_on { &kept[..kept.len() - last.len()] } else { kept };
        let length = kept.len();
        if length == text.len() {
            return text;
        }
        text.truncate(length);
    }
}

/// Returns the text up to its last word that does not require a continuation.
fn without_links(text: &str) -> &str {
    let mut text = text.trim_end();
    while let Some(at) = text.rfind(' ') {
        let last = text[at + 1..].to_lowercase();
        let last = last.trim_end_matches(|c: char| !c.is_alphanumeric());
        if !is_empty(last)
            && LINKS.binary_search(&last).is_err()
            && SUBORDINATES.binary_search(&last).is_err()
        {
            break;
        }
        text = text[..at].trim_end();
    }
    text
}

/// Returns every position at which the text could be cut, with the number of characters before it.
fn boundaries(text: &str) -> impl Iterator<Item = (usize, usize, Boundary)> {
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut before = ' ';
    // "Only books that are lent can be returned": the relative clause is part of the subject.
    let first = text.split(' ').next().unwrap_or_default();
    let has_long_subject = matches!(first, "Only" | "Any" | "All" | "Each" | "No" | "The" | "A" | "An");
    text.char_indices().enumerate().filter_map(move |(length, (at, c))| {
        let previous = std::mem::replace(&mut before, c);
        let is_outside = depth == 0 && !quoted;
        match c {
            '(' | '[' | '{' => {
                depth += 1;
                return (is_outside && previous == ' ' && c == '(').then_some((at, length, Boundary::Clause));
            }
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '"' | '`' => quoted = !quoted,
            _ => {}
        }
        if !is_outside {
            return None;
        }
        let rest = &text[at + c.len_utf8()..];
        let found = match c {
            ';' | '—' | '–' => Boundary::Sentence,
            '.' | '!' | '?' if rest.starts_with(' ') => Boundary::Sentence,
            ' ' if rest.starts_with("- ") => Boundary::Sentence,
            ':' if rest.starts_with(' ') => Boundary::Clause,
            ',' if rest.starts_with(' ') && !has_list(text, at) => Boundary::Clause,
            ',' if rest.starts_with(' ') => Boundary::Phrase,
            ' ' => {
                let word = rest.split(' ').next().unwrap_or_default();
                // "Says that": the clause is the object.
                if word == "that" {
                    return None;
                }
                let is_relative = matches!(word, "that" | "which" | "who" | "whose");
                if is_relative && has_long_subject && at * 2 < text.len() {
                    return None;
                }
                if SUBORDINATES.binary_search(&word).is_ok() && previous != ',' {
                    Boundary::Clause
                } else if LINKS.binary_search(&word).is_ok() {
                    Boundary::Phrase
                } else {
                    return None;
                }
            }
            _ => return None,
        };
        Some((at, length, found))
    })
}

/// Whether the comma is part of a list: another comma follows within a few words.
fn has_list(text: &str, comma: usize) -> bool {
    const WORDS: usize = 4;
    let next = text[comma + 1..].split(' ').skip(1).take(WORDS);
    next.into_iter().any(|word| word.ends_with(',') || matches!(word, "and" | "or"))
}

/// Returns the text without unmatched brackets, and without a quotation that is not closed.
fn balanced(text: &str) -> String {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut lone: Vec<usize> = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => open.push((at, c)),
            ')' | ']' | '}' => {
                let opening = match c {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                match open.last() {
                    Some((_, last)) if *last == opening => drop(open.pop()),
                    _ => lone.push(at),
                }
            }
            _ => {}
        }
    }
    if open.is_empty() && lone.is_empty() && text.matches('`').count().is_multiple_of(2) {
        return text.to_owned();
    }
    // An open bracket near the end is left over from the truncation, so its text is removed too. An open bracket near the beginning is a
    // typing error in the document.
    let end = open.first().map(|(at, _)| *at).filter(|at| at * 2 > text.len()).unwrap_or(text.len());
    lone.extend(open.iter().map(|(at, _)| *at));
    lone.sort_unstable();
    let odd_tick = (text[..end].matches('`').count() % 2 == 1).then(|| text[..end].rfind('`')).flatten();
    let kept =
        text[..end].char_indices().filter(|(at, _)| lone.binary_search(at).is_err() && Some(*at) != odd_tick);
    kept.map(|(_, c)| c).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentence_is_shortened_at_the_end_of_a_clause() {
        for (text, room, expected) in [
            ("Lends a book", 40, "Lends a book"),
            ("Lends a book; the shelf is told about it at once", 30, "Lends a book"),
            ("Lends a book which nobody else has lent before", 30, "Lends a book"),
            ("Lends a book (or a whole shelf (of them)) to a reader", 30, "Lends a book"),
            ("Lends a book with a leather cover to any reader", 32, "Lends a book with a leather cover"),
            (
                "Only books that lie on the shelf of a reader can be lent, if they are new",
                70,
                "Only books that lie on the shelf of a reader can be lent",
            ),
            (
                "If a reader has a card, the book is lent at once to all others",
                70,
                "If a reader has a card, the book is lent at once to all others",
            ),
            ("Lends books, maps, globes and scores to every reader", 27, "Lends books, maps, globes"),
            ("Supercalifragilisticexpialidocious", 10, "Supercalif"),
        ] {
            assert_eq!(shortened(text, room.max(expected.chars().count())), expected, "{text}");
        }
    }

    #[test]
    fn dangling_words_at_the_end_of_a_shortened_sentence_are_removed() {
        for (text, expected) in [
            ("Lends a book (if", "Lends a book"),
            ("Lends a book, e.g.", "Lends a book"),
            ("Lends a book and the", "Lends a book"),
            ("(Lends a book that is on the shelf", "Lends a book that is on the shelf"),
            ("Lends a book) now", "Lends a book now"),
            ("Lends `a book` or `b", "Lends `a book` or b"),
            ("Lends a book only", "Lends a book"),
            ("Lends a book…", "Lends a book"),
            ("and", "and"),
            ("", ""),
        ] {
            assert_eq!(finished(text), expected, "{text}");
        }
    }

    #[test]
    fn clause_word_lists_are_sorted_for_binary_search() {
        assert!(SUBORDINATES.is_sorted() && LINKS.is_sorted());
    }
}
