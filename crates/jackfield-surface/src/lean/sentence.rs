//! Selects the sentences of a description that a tool list keeps.

use std::collections::HashMap;

use super::action::{POINTING, without_adjectives};
use super::marker::{is_marker, without_marker};
use super::plain::{Kind, blocks};
use super::sense::{is_pointer, says_something};

/// The beginnings of a sentence such as `For details, see the guide`, which only refers to another place.
const CONDITIONS: [&str; 4] = ["for ", "if ", "to ", "when "];

/// Abbreviations, whose period does not end a sentence.
const ABBREVIATIONS: [&str; 14] =
    ["e.g", "eg", "i.e", "ie", "etc", "vs", "cf", "approx", "incl", "excl", "resp", "max", "min", "No"];

/// Returns the sentences of a text in plain words. Sentences that only refer the reader to another place are left
/// out, unless the text has no other sentence. Sentences are parsed on demand, because most texts are long and most
/// callers need one sentence.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = String> {
    let mut worth = worth(text).peekable();
    let rest = worth.peek().is_none().then(|| all(text));
    worth.chain(rest.into_iter().flatten())
}

/// Returns the sentences that are kept. The iterator is empty if no sentence is worth keeping.
pub(super) fn worth(text: &str) -> impl Iterator<Item = String> {
    all(text).filter(|sentence| is_worth(sentence)).map(|sentence| trim(&sentence))
}

/// The maximum number of sentences to search for a sentence that describes something.
const FURTHEST: usize = 8;

/// A cache of first sentences, by text, because documents repeat texts for hundreds of arguments.
#[derive(Default)]
pub(super) struct Firsts(HashMap<String, Option<String>>);

impl Firsts {
    /// Returns the first sentence that describes something, without a marker at its beginning, or `None` if all
    /// sentences are markers.
    pub(super) fn of(&mut self, text: &str) -> Option<&str> {
        if !self.0.contains_key(text) {
            self.0.insert(text.to_owned(), first(text));
        }
        self.0.get(text)?.as_deref()
    }
}

fn first(text: &str) -> Option<String> {
    let first = without_adjectives(&sentences(text).next().unwrap_or_default(), &POINTING);
    if !is_marker(&first) {
        return Some(without_marker(&first));
    }
    let next = sentences(text).take(FURTHEST).find(|sentence| !is_marker(sentence));
    next.map(|next| without_marker(&next))
}

fn all(text: &str) -> impl Iterator<Item = String> {
    let mut blocks = blocks(text).peekable();
    let mut first = true;
    let of_next_block = move || {
        let block = blocks.next()?;
        let alone = std::mem::take(&mut first) && blocks.peek().is_none();
        let mut found = Vec::new();
        if block.kind == Kind::Heading && !alone {
            return Some(found);
        }
        split(&block.text, &mut found);
        // "One of:" is meaningless without its list.
        if block.text.ends_with(':') && blocks.peek().is_some_and(|next| next.kind == Kind::Item) {
            let mut list: Vec<String> = Vec::new();
            while let Some(item) = blocks.next_if(|next| next.kind == Kind::Item) {
                list.push(item.text.trim_end_matches(['.', ',', ';']).to_owned());
            }
            if let Some(last) = found.last_mut() {
                last.push(' ');
                last.push_str(&list.join(", "));
            }
        }
        Some(found)
    };
    std::iter::from_fn(of_next_block).flatten()
}

fn is_worth(sentence: &str) -> bool {
    says_something(sentence) && !is_pointer(sentence)
}

/// Removes a reference to other pages from the end of a sentence, or from parentheses.
fn trim(sentence: &str) -> String {
    let mut text = sentence.to_owned();
    for opening in [" (see ", " (See ", " (Docs", " (docs"] {
        if let Some(at) = text.find(opening)
            && let Some(length) = text[at..].find(')')
        {
            text.replace_range(at..=at + length, "");
        }
    }
    for opening in [", see ", "; see ", " - see ", " See "] {
        if let Some(at) = text.find(opening) {
            text.truncate(at);
            // The parentheses around the reference are closed, or removed if they contain nothing else.
            if let Some(begin) = text.rfind('(').filter(|begin| !text[*begin..].contains(')')) {
                let inner = text[begin + 1..].to_lowercase();
                if inner.is_empty() || CONDITIONS.iter().any(|word| inner.starts_with(word)) {
                    text.truncate(begin);
                } else {
                    text.push(')');
                }
            }
        }
    }
    text.trim().to_owned()
}

/// Splits a paragraph into sentences.
fn split(text: &str, out: &mut Vec<String>) {
    let mut begin = 0;
    let mut depth = 0_usize;
    // A bracket that is never closed does not join sentences.
    let last_closing = text.rfind(')').unwrap_or(0);
    for (at, c) in text.char_indices() {
        match c {
            '(' if at < last_closing => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '。' => {
                push(&text[begin..at], out);
                begin = at + c.len_utf8();
            }
            '.' | '!' | '?' if depth == 0 => {
                let end = at + 1;
                if text[end..].starts_with(' ') && !(c == '.' && is_abbreviation(&text[begin..at])) {
                    push(&text[begin..end], out);
                    begin = end;
                }
            }
            _ => {}
        }
    }
    push(&text[begin..], out);
}

fn push(sentence: &str, out: &mut Vec<String>) {
    let sentence = sentence.trim();
    if !sentence.is_empty() {
        out.push(sentence.to_owned());
    }
}

/// Whether the period after these words belongs to the last word.
fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let initials = word.len() == 1 && word.bytes().all(|b| b.is_ascii_uppercase());
    initials || ABBREVIATIONS.contains(&word)
}

/// Returns the sentences of a text, joined by spaces.
pub(super) fn joined(text: &str) -> String {
    sentences(text).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviation_does_not_end_a_sentence() {
        let cut = |text| {
            let mut out = Vec::new();
            split(text, &mut out);
            out
        };
        assert_eq!(
            cut("One, e.g. Two. Three (a. B) v1.2 four! Five"),
            ["One, e.g. Two.", "Three (a. B) v1.2 four!", "Five"]
        );
    }

    #[test]
    fn sentence_that_refers_elsewhere_is_removed() {
        let cut = |text| sentences(text).collect::<Vec<_>>();
        assert_eq!(cut("Required. The page (see [docs](x)). For more, see [this](y)."), ["The page."]);
        assert_eq!(cut("See [the docs](x)."), ["See the docs."]);
        assert_eq!(cut("If it is lent, see [Loans](x). The book."), ["The book."]);
        assert_eq!(cut("Time zone (for all of them, see Zones)."), ["Time zone"]);
        assert_eq!(cut("Time zone (an ID, see Zones)."), ["Time zone (an ID)"]);
        assert_eq!(cut("Sort by one of:\n\n- `a`\n- `b`"), ["Sort by one of: a, b"]);
    }
}
