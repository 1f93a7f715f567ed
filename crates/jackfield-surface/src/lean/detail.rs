//! Facts about the spelling of a value, added behind a label: its values, bounds, format or unit. A model that does
//! not know them calls wrongly.

use std::collections::HashMap;

use super::kinds::{BOUND, kinds};
use super::label::label;
use super::sentence::sentences;

/// The maximum length of an added sentence, in characters.
const LIMIT: usize = 100;
/// The maximum length of sentences that are joined, such as `Minimum: 1. Maximum: 50`.
const LITTLE: usize = 20;
/// How many sentences are read.
const FURTHEST: usize = 8;

/// The added sentences, by text and by whether the schema has bounds of its own: documents repeat descriptions for
/// hundreds of arguments.
#[derive(Default)]
pub(super) struct Details([HashMap<String, Option<String>>; 2]);

impl Details {
    /// The sentence to add behind the label that was made of this text.
    pub(super) fn of(&mut self, text: &str, label: &str, bounded: bool) -> Option<&str> {
        let known = &mut self.0[usize::from(bounded)];
        if !known.contains_key(text) {
            known.insert(text.to_owned(), after(label, sentences(text).skip(1), bounded));
        }
        known.get(text)?.as_deref()
    }
}

/// The first of the later sentences with a fact that the label lacks, joined with the next if both are short.
/// `bounded` is whether the schema has bounds of its own.
fn after(label_so_far: &str, later: impl Iterator<Item = String>, bounded: bool) -> Option<String> {
    let known = kinds(label_so_far);
    let new = |text: &str| {
        let kinds = kinds(text).without(known);
        if bounded { kinds.without(BOUND) } else { kinds }
    };
    // Of a list with explanations only the first value would be left.
    let is_whole = |told: &String| !(told.contains(": - ") && told.ends_with('…'));
    let is_example = |sentence: &str| sentence.starts_with("For example") || sentence.starts_with("e.g.");
    let later = later.take(FURTHEST).filter(|sentence| !new(sentence).is_empty() && !is_example(sentence));
    let mut told =
        later.map(|sentence| label(&sentence, LIMIT)).filter(|told| !new(told).is_empty() && is_whole(told));
    let first = told.next()?;
    match told.next().filter(|next| first.len().max(next.len()) <= LITTLE) {
        Some(next) => Some(format!("{first}. {next}")),
        None => Some(first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(first: &str, later: &[&str]) -> Option<String> {
        after(first, later.iter().map(|text| (*text).to_owned()), false)
    }

    #[test]
    fn values_formats_and_units_are_added() {
        for (sentence, detail) in [
            (
                "A positive integer in the smallest currency unit (e.g., 100 cents).",
                "Positive integer in the smallest currency unit (e.g., 100 cents)",
            ),
            ("This must be a JSON-encoded string.", "This must be a JSON-encoded string"),
            ("1 is yes, and 0 is no.", "1 is yes, and 0 is no"),
            ("One of `a` or `b`.", "One of `a` or `b`"),
            ("An ISO-3166 alpha-2 code.", "ISO-3166 alpha-2 code"),
        ] {
            assert_eq!(told("Shelf", &["It holds books.", sentence]).as_deref(), Some(detail), "{sentence}");
        }
    }

    #[test]
    fn known_fact_is_not_added() {
        assert_eq!(told("Time in seconds", &["It is in seconds."]), None);
        assert_eq!(told("Shelf", &["Only one of the two is set.", "Up to the reader."]), None);
        let later = || ["Up to 20.".to_owned()].into_iter();
        assert_eq!(after("Limit", later(), true), None);
        assert_eq!(after("Limit", later(), false).as_deref(), Some("Up to 20"));
    }

    #[test]
    fn short_facts_are_joined() {
        assert_eq!(
            told("Limit", &["Default: 20.", "Minimum: 1.", "Maximum: 50."]).as_deref(),
            Some("Minimum: 1. Maximum: 50")
        );
    }

    #[test]
    fn truncated_list_of_values_is_not_added() {
        let list = "Valid values are: - Ignore: what is not known is dropped without a word, and the last of what is there twice counts";
        assert_eq!(told("Field", &[list]), None);
    }
}
