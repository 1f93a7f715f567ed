//! The sentences of a description that a tool list keeps.

use std::collections::HashMap;

use super::action::{POINTING, without_adjectives};
use super::plain::{Kind, blocks};
use super::sense::{is_pointer, says_something};

/// The words before ", see …" in a sentence that says nothing else.
const CONDITIONS: [&str; 4] = ["for ", "if ", "to ", "when "];

/// Abbreviations, whose period does not end a sentence.
const ABBREVIATIONS: [&str; 14] =
    ["e.g", "eg", "i.e", "ie", "etc", "vs", "cf", "approx", "incl", "excl", "resp", "max", "min", "No"];

/// The sentences of a text in plain words, without those that only send the reader elsewhere; all of them where nothing
/// else is left. Nobody reads further than is asked for: most texts are long, and most readers want one sentence.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = String> {
    let mut worth = worth(text).peekable();
    let rest = worth.peek().is_none().then(|| all(text));
    worth.chain(rest.into_iter().flatten())
}

/// The sentences that are kept; none if no sentence is worth it.
pub(super) fn worth(text: &str) -> impl Iterator<Item = String> {
    all(text).filter(|sentence| is_worth(sentence)).map(|sentence| trim(&sentence))
}

/// The first sentence of texts, by text: documents say the same of hundreds of arguments.
#[derive(Default)]
pub(super) struct Firsts(HashMap<String, String>);

impl Firsts {
    /// The first sentence, or nothing.
    pub(super) fn of(&mut self, text: &str) -> &str {
        if !self.0.contains_key(text) {
            let first = sentences(text).next().unwrap_or_default();
            self.0.insert(text.to_owned(), without_adjectives(&first, &POINTING));
        }
        self.0.get(text).map_or("", String::as_str)
    }
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
        // "One of:" is nothing without its list.
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

/// Removes a reference to other pages from the end, or from parentheses.
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
            // Parentheses that it stood in are closed, or go where they say nothing else.
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

/// Cuts a paragraph into its sentences.
fn split(text: &str, out: &mut Vec<String>) {
    let mut begin = 0;
    let mut depth = 0_usize;
    // A bracket that nothing closes holds no sentence together.
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

/// Whether the point behind these words is part of the last of them.
fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let initials = word.len() == 1 && word.bytes().all(|b| b.is_ascii_uppercase());
    initials || ABBREVIATIONS.contains(&word)
}

/// The sentences of a text, joined by spaces.
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
