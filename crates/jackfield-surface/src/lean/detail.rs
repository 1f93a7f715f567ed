//! Facts about the format of a value that are added after a label: values, bounds, format, unit, pattern or
//! default. Without them a model sends wrong values.

use std::collections::{BTreeMap, HashMap};

use super::kinds::{DEFAULT, Kinds, PATTERN, kinds};
use super::label::label;
use super::marker::without_marker;
use super::sentence::sentences;

/// The maximum length of joined sentences, such as `Minimum: 1. Maximum: 50`.
const LITTLE: usize = 20;
/// The maximum length of a sentence that contains only the default.
const DEFAULTS: usize = 40;
/// The maximum number of sentences to examine.
const FURTHEST: usize = 8;

/// The facts to add, and the maximum length of the added sentence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    /// The kinds of facts that the schema itself contains.
    pub(super) known: Kinds,
    /// The maximum length of an added sentence, in characters.
    pub(super) longest: usize,
}

/// A cache of added sentences, by text and wanted facts, because documents repeat descriptions for hundreds
/// of arguments.
#[derive(Default)]
pub(super) struct Details(BTreeMap<Wanted, HashMap<String, Option<String>>>);

impl Details {
    /// Returns the sentence to add after the label that was made from this text.
    pub(super) fn of(&mut self, text: &str, label: &str, wanted: Wanted) -> Option<&str> {
        let known = self.0.entry(wanted).or_default();
        if !known.contains_key(text) {
            known.insert(text.to_owned(), after(label, sentences(text).skip(1), wanted));
        }
        known.get(text)?.as_deref()
    }
}

/// Returns the first later sentence with a fact that the label lacks, joined with the next sentence if both are
/// short, and a short sentence about the default.
fn after(label_so_far: &str, later: impl Iterator<Item = String>, wanted: Wanted) -> Option<String> {
    let known = kinds(label_so_far).with(wanted.known);
    let new = |text: &str| kinds(text).without(known);
    // A list of values with explanations would be truncated to its first value, so it is not added.
    let is_whole = |told: &String| !(told.contains(": - ") && told.ends_with('…'));
    let is_example = |sentence: &str| sentence.starts_with("For example") || sentence.starts_with("e.g.");
    let adds = |sentence: &String| {
        let new = new(sentence);
        !new.is_empty() && (!is_example(sentence) || PATTERN.is_within(new))
    };
    let later = later.take(FURTHEST).filter(adds);
    let told = later.map(|sentence| label(without_parentheses(&without_marker(&sentence)), wanted.longest));
    let told = told.filter(|told| !new(told).is_empty() && is_whole(told));
    let (defaults, others): (Vec<String>, Vec<String>) = told.partition(|told| new(told) == DEFAULT);
    let mut others = others.into_iter();
    let first = others.next();
    let next = others.next().filter(|next| first.as_ref().map_or(0, String::len).max(next.len()) <= LITTLE);
    let is_said = [&first, &next].into_iter().flatten().any(|told| DEFAULT.is_within(kinds(told)));
    let default = defaults.into_iter().find(|told| !is_said && told.chars().count() <= DEFAULTS);
    let all: Vec<String> = [first, next, default].into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join(". "))
}

/// Removes the parentheses around a sentence.
fn without_parentheses(sentence: &str) -> &str {
    let inner = sentence.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.filter(|inner| !inner.contains(['(', ')'])).unwrap_or(sentence)
}

#[cfg(test)]
mod tests {
    use super::super::kinds::{BOUND, NONE};
    use super::*;

    const LIMIT: usize = 100;

    fn told(first: &str, later: &[&str]) -> Option<String> {
        beside(NONE, first, later)
    }

    /// Returns the details to add if the schema itself contains these kinds of facts.
    fn beside(known: Kinds, first: &str, later: &[&str]) -> Option<String> {
        after(first, later.iter().map(|text| (*text).to_owned()), Wanted { known, longest: LIMIT })
    }

    #[test]
    fn values_formats_and_units_are_added_to_the_label() {
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
    fn fact_that_the_label_already_states_is_not_added() {
        assert_eq!(told("Time in seconds", &["It is in seconds."]), None);
        assert_eq!(told("Shelf", &["Only one of the two is set.", "Up to the reader."]), None);
        assert_eq!(beside(BOUND, "Limit", &["Up to 20."]), None);
        assert_eq!(told("Limit", &["Up to 20."]).as_deref(), Some("Up to 20"));
        assert_eq!(beside(DEFAULT, "Sort", &["Defaults to `title`."]), None);
    }

    #[test]
    fn short_facts_are_joined() {
        assert_eq!(
            told("Limit", &["Default: 20.", "Minimum: 1.", "Maximum: 50."]).as_deref(),
            Some("Minimum: 1. Maximum: 50. Default: 20")
        );
    }

    #[test]
    fn defaults_patterns_and_formats_are_added_to_the_label() {
        for (later, detail) in [
            (vec!["It counts.", "Defaults to the shelf at the door."], "Defaults to the shelf at the door"),
            (vec!["Default: `title`.", "In seconds."], "In seconds. Default: `title`"),
            (vec!["In seconds, and the default is 20.", "Default: 20."], "In seconds, and the default is 20"),
            (
                vec!["Format: shelves/{shelf}/books/{book}.", "Defaults to 1."],
                "Format: shelves/{shelf}/books/{book}. Defaults to 1",
            ),
            (vec!["(default: false)"], "default: false"),
            (vec!["For example, shelves/*/books/7."], "For example, shelves/*/books/7"),
            (vec!["It is sent as a time of ISO 8601."], "It is sent as a time of ISO 8601"),
        ] {
            assert_eq!(told("Shelf", &later).as_deref(), Some(detail), "{later:?}");
        }
        assert_eq!(
            told("Shelf", &["Defaults to the shelf that stands at the door where the reader came in."]),
            None
        );
        assert_eq!(told("Shelf", &["For example, it is a time of ISO 8601."]), None);
    }

    #[test]
    fn truncated_list_of_values_is_not_added() {
        let list = "Valid values are: - Ignore: what is not known is dropped without a word, and the last of what is there twice counts";
        assert_eq!(told("Field", &[list]), None);
    }
}
