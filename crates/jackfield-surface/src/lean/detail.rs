//! How a value is written: which values there are, their bounds, their format, their unit. A model that does not know
//! it calls wrongly, however well it knows what the value is for.

use std::collections::HashMap;

use super::label::label;
use super::sentence::sentences;

/// How long what is said of it may be, in characters.
const LIMIT: usize = 100;
/// What says little: `Minimum: 1. Maximum: 50`.
const LITTLE: usize = 20;
/// How many sentences are looked at.
const FURTHEST: usize = 8;

const VALUES: [&str; 20] = [
    "be one of ",
    "is one of ",
    "are one of ",
    "select one of ",
    "one of the following",
    "one of: ",
    "valid value",
    "valid option",
    "allowed value",
    "possible value",
    "accepted value",
    "available value",
    "supported value",
    "supported attributes",
    "are allowed",
    "be either ",
    "are either ",
    "can be a ",
    "can be an ",
    "acceptable value",
];
const BOUNDS: [&str; 12] = [
    "maximum",
    "minimum",
    "max ",
    "max:",
    "min:",
    "at most",
    "up to ",
    "between ",
    "no more than",
    "characters long",
    "greater than",
    "less than",
];
const FORMATS: [&str; 28] = [
    "iso ",
    "iso-",
    "iso8",
    "iso3",
    "iso4",
    "iso6",
    "rfc ",
    "rfc-",
    "rfc3",
    "utc",
    "unix ",
    "epoch",
    "json-encoded",
    "json encoded",
    "json string",
    "jsonl",
    "base64",
    "hexadecimal",
    "comma-separated",
    "comma separated",
    "comma-delimited",
    "comma delimited",
    "yyyy",
    "e.164",
    "alpha-2",
    "url-encoded",
    "url encoded",
    "in the format",
];
const UNITS: [&str; 14] = [
    "in seconds",
    "in milliseconds",
    "in microseconds",
    "in ms",
    "in minutes",
    "in hours",
    "in days",
    "in bytes",
    "in cents",
    "in pixels",
    "in percent",
    "in meters",
    "in kilo",
    "currency unit",
];

/// What a text tells of how a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds(u8);

const BOUND: Kinds = Kinds(2);

impl Kinds {
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// What this text tells of it.
pub(super) fn kinds(text: &str) -> Kinds {
    let lower = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| has(&lower, words));
    let bounds = says(&BOUNDS) && lower.bytes().any(|b| b.is_ascii_digit());
    let values = says(&VALUES) || lower.starts_with("one of ") || means(&lower);
    let told = [values, bounds, says(&FORMATS), says(&UNITS)];
    Kinds(told.into_iter().enumerate().map(|(at, told)| u8::from(told) << at).sum())
}

/// Whether these words are in the text, and begin a word there.
fn has(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| !text[..at].ends_with(char::is_alphanumeric))
}

/// `1 is yes, 0 is no`.
fn means(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| {
        let [number, verb] = pair else { return false };
        !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
            && ["is", "=", "means", "for"].contains(verb)
    })
}

/// What is told of arguments behind their labels, by text and by whether the schema has bounds of its own: documents say
/// the same of hundreds of arguments.
#[derive(Default)]
pub(super) struct Details([HashMap<String, Option<String>>; 2]);

impl Details {
    /// What this text tells behind the label that is made of it.
    pub(super) fn of(&mut self, text: &str, label: &str, bounded: bool) -> Option<&str> {
        let known = &mut self.0[usize::from(bounded)];
        if !known.contains_key(text) {
            known.insert(text.to_owned(), after(label, sentences(text).skip(1), bounded));
        }
        known.get(text)?.as_deref()
    }
}

/// The first of the later sentences that tells of it what the label does not, with the next where it says little.
/// `bounded` says that the schema has bounds of its own.
fn after(label_so_far: &str, later: impl Iterator<Item = String>, bounded: bool) -> Option<String> {
    let known = kinds(label_so_far);
    let new = |text: &str| {
        let kinds = kinds(text).without(known);
        if bounded { kinds.without(BOUND) } else { kinds }
    };
    // Of a list with explanations the first value alone would be left.
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
    fn values_formats_and_units_are_told() {
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
    fn what_is_known_is_not_told() {
        assert_eq!(told("Time in seconds", &["It is in seconds."]), None);
        assert_eq!(told("Shelf", &["Only one of the two is set.", "Up to the reader."]), None);
        let later = || ["Up to 20.".to_owned()].into_iter();
        assert_eq!(after("Limit", later(), true), None);
        assert_eq!(after("Limit", later(), false).as_deref(), Some("Up to 20"));
    }

    #[test]
    fn what_says_little_is_not_alone() {
        assert_eq!(
            told("Limit", &["Default: 20.", "Minimum: 1.", "Maximum: 50."]).as_deref(),
            Some("Minimum: 1. Maximum: 50")
        );
    }

    #[test]
    fn one_value_of_a_list_is_not_told() {
        let list = "Valid values are: - Ignore: what is not known is dropped without a word, and the last of what is there twice counts";
        assert_eq!(told("Field", &[list]), None);
    }
}
