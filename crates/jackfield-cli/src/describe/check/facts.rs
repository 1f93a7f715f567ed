//! Compares the facts of a new text with the facts of the old text, and with all texts of the document.

use std::collections::BTreeSet;

use super::figure::{Figure, Sense};
use super::sources::Sources;

/// Groups of words that forbid or warn. If the old text contains a word of a group, the new text must contain a word of this group too.
const GUARDS: [(&str, &[&str]); 5] = [
    (
        "a negation",
        &[
            "not", "no", "never", "cannot", "without", "nor", "neither", "can't", "don't", "doesn't",
            "won't", "isn't", "aren't", "mustn't", "unless", "except",
        ],
    ),
    ("that it is deprecated", &["deprecated", "obsolete", "deprecation"]),
    (
        "that it is final",
        &["permanently", "permanent", "irreversible", "irreversibly", "irrevocably", "undone"],
    ),
    ("a restriction", &["only", "exclusively", "solely"]),
    (
        "that something is removed",
        &[
            "delete",
            "deletes",
            "deleted",
            "deleting",
            "remove",
            "removes",
            "removed",
            "removing",
            "erase",
            "erases",
            "destroy",
            "destroys",
            "purge",
            "purges",
            "revoke",
            "revokes",
            "cancel",
            "cancels",
            "terminate",
            "terminates",
            "overwrite",
            "overwrites",
            "overwritten",
        ],
    ),
];

const MONTHS: [&str; 11] = [
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Returns a message about the first fact of the old text that the new text omits or changes.
pub(super) fn lost(old: &Sources, new: &Sources, enumerated: &BTreeSet<String>) -> Option<String> {
    for figure in &old.figures {
        let is_kept = |other: &Figure| {
            other.value == figure.value
                && (figure.unit.is_none() || other.unit == figure.unit)
                && (figure.sense.is_none() || other.sense == figure.sense)
        };
        if new.figures.iter().any(is_kept) {
            continue;
        }
        return Some(match new.figures.iter().any(|other| other.value == figure.value) {
            true => format!("it changes what the document says about the number `{}`", figure.shown()),
            false => format!("it leaves out the number `{}`", figure.shown()),
        });
    }
    if let Some(unit) = old.units.difference(&new.units).next() {
        return Some(format!("it leaves out the unit `{unit}`"));
    }
    if let Some(address) = old.addresses.difference(&new.addresses).next() {
        return Some(format!("it leaves out the address `{address}`"));
    }
    if let Some(value) = enumerated.iter().find(|value| mentions(old, value) && !mentions(new, value)) {
        return Some(format!("it leaves out the value `{value}`"));
    }
    if let Some(month) =
        MONTHS.iter().find(|month| old.words.contains(**month) && !new.words.contains(**month))
    {
        return Some(format!("it leaves out the month `{month}`"));
    }
    // Names with digits, such as `v2`, distinguish similar things, so the new text has to keep them.
    let is_named = |word: &&String| word.chars().any(char::is_numeric);
    if let Some(name) = old.words.iter().filter(is_named).find(|word| !new.words.contains(*word)) {
        return Some(format!("it leaves out `{name}`"));
    }
    let has = |sources: &Sources, words: &[&str]| words.iter().any(|word| sources.words.contains(*word));
    let guard = GUARDS.iter().find(|(_, words)| has(old, words) && !has(new, words));
    guard.map(|(what, _)| format!("the document states {what}, and this text does not"))
}

/// Returns a message about the first fact of the new text that the document does not state.
pub(super) fn invented(new: &Sources, known: &Sources) -> Option<String> {
    for figure in &new.figures {
        let same: Vec<&Figure> = known.figures.iter().filter(|other| other.value == figure.value).collect();
        if same.is_empty() {
            return Some(format!("the document has no number `{}` for this operation", figure.shown()));
        }
        let has_unit = match figure.unit {
            None => true,
            Some(unit) if same.iter().any(|other| other.unit == Some(unit)) => true,
            // The document may state the unit separately from the number, as in `maximum: 60` and `in seconds`.
            Some(unit) => same.iter().any(|other| other.unit.is_none()) && known.units.contains(unit),
        };
        if !has_unit {
            return Some(format!("the document does not say `{}`", figure.shown()));
        }
        if let Some(sense) = figure.sense.filter(|_| !same.iter().any(|other| other.sense == figure.sense)) {
            let what = match sense {
                Sense::Most => "the largest value",
                Sense::Least => "the smallest value",
                Sense::Default => "the default",
            };
            return Some(format!("the document does not say that `{}` is {what}", figure.shown()));
        }
    }
    if let Some(unit) = new.units.difference(&known.units).next() {
        return Some(format!("the document has no unit `{unit}` for this operation"));
    }
    if let Some(address) = new.addresses.iter().find(|address| !known.text.contains(address.as_str())) {
        return Some(format!("the document has no address `{address}` for this operation"));
    }
    let is_new = |word: &str| new.words.contains(word) && !known.words.contains(word);
    if let Some(month) = MONTHS.iter().find(|month| is_new(month)) {
        return Some(format!("the document does not name the month `{month}`"));
    }
    let is_named = |word: &&String| word.chars().any(char::is_numeric);
    if let Some(name) = new.words.iter().filter(is_named).find(|word| is_new(word)) {
        return Some(format!("the document has no `{name}` for this operation"));
    }
    let (_, deprecated) = GUARDS[1];
    let is_deprecated = deprecated.iter().any(|word| is_new(word));
    is_deprecated.then(|| "the document does not say that it is deprecated".to_owned())
}

/// Returns whether a text contains a value as a whole word.
fn mentions(sources: &Sources, value: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let text = sources.text.as_str();
    text.match_indices(value)
        .any(|(at, found)| !text[..at].ends_with(is_part) && !text[at + found.len()..].starts_with(is_part))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known() -> Sources {
        let mut known = Sources::default();
        known.text("Returns at most 50 books. Waits up to 30 seconds. Since 2024-01-31. /v2/books");
        known.schema(&json!({
            "limit": { "type": "integer", "maximum": 100, "minimum": 1, "default": 20, "example": 77 },
            "order": { "enum": ["asc", "desc"], "description": "The order, see https://example.com/order" },
            "wait": { "maximum": 60, "description": "In seconds" },
        }));
        known
    }

    #[test]
    fn text_with_facts_of_the_document_is_accepted() {
        let known = known();
        for text in [
            "Lists books",
            "Lists up to 50 books, at most 100 with a limit; the default is 20",
            "From 1 to 100 books",
            "Waits no more than 30 s",
            "At most 60 seconds",
            "Has 50 books since 2024-01-31",
            "Sorts asc or desc, see https://example.com/order",
            "Of v2",
        ] {
            assert_eq!(invented(&Sources::of_text(text), &known), None, "{text}");
        }
    }

    #[test]
    fn text_with_facts_that_the_document_lacks_is_refused() {
        let known = known();
        for (text, why) in [
            ("At most 500 books", "no number `500`"),
            ("Seventy-seven books, an example: 77", "no number `"),
            ("At least 50 books", "`50` is the smallest value"),
            ("By default 100", "`100` is the default"),
            ("Waits at most 30 minutes", "`30 minutes`"),
            ("At most 50 cents", "`50 cents`"),
            ("The length in bytes", "no unit `bytes`"),
            ("See https://example.com/other", "no address `https://example.com/other`"),
            ("See evil.example.net", "no address `evil.example.net`"),
            ("Since March", "the month `march`"),
            ("Of v3", "no `v3`"),
            ("Uses SHA256", "no `sha256`"),
            ("Deprecated", "deprecated"),
            ("Has ² books", "no number `²`"),
        ] {
            let refused = invented(&Sources::of_text(text), &known).unwrap_or_default();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }

    #[test]
    fn text_that_omits_facts_of_the_old_text_is_refused() {
        let enumerated = ["asc", "desc"].map(str::to_owned).into();
        for (old, new, why) in [
            ("At most 100 books", "Up to 100 books", None),
            ("At most 1,000 books", "No more than 1000 books", None),
            ("At most 100 books", "Lists books", Some("leaves out the number `100`")),
            (
                "At most 100 books",
                "At least 100 books",
                Some("changes what the document says about the number `100`"),
            ),
            ("At most 100 books", "Lists 100 books", Some("changes what")),
            ("30 seconds", "30 s", None),
            ("30 seconds", "30 minutes", Some("changes what")),
            ("Amount in cents", "The amount", Some("leaves out the unit `cents`")),
            ("Since 2024-01-31", "Since 2024-01-13", Some("leaves out the number `2024-01-31`")),
            ("Sorts asc or `desc`", "Sorts asc", Some("leaves out the value `desc`")),
            ("Sorts asc or `desc`", "Sorts desc, or asc", None),
            ("Ascending", "Sorted", None),
            (
                "See [x](https://example.com/a).",
                "Sorted",
                Some("leaves out the address `https://example.com/a`"),
            ),
            ("See [x](https://example.com/a).", "Sorted, see https://example.com/a", None),
            ("Books of v2", "Books", Some("leaves out `v2`")),
            ("Opens in May and June", "Opens in May", Some("the month `june`")),
            ("This cannot be undone", "Closes the account", Some("a negation")),
            ("This cannot be undone", "It is permanent, with no way back", None),
            ("Deletes the book", "Archives the book", Some("that something is removed")),
            ("Only for members", "For members", Some("a restriction")),
            ("Deprecated. Lists books", "Lists books", Some("deprecated")),
            ("", "Anything", None),
        ] {
            let lost = lost(&Sources::of_text(old), &Sources::of_text(new), &enumerated);
            match why {
                None => assert_eq!(lost, None, "{old} → {new}"),
                Some(why) => {
                    let lost = lost.unwrap_or_default();
                    assert!(lost.contains(why), "{old} → {new}: {lost}");
                }
            }
        }
    }
}
