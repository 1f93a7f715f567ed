//! Extracts the content words of a text, to compare texts with names.

use std::borrow::Cow;
use std::collections::BTreeSet;

/// Articles, prepositions and other function words.
const EMPTY: [&str; 36] = [
    "a", "all", "an", "and", "any", "are", "as", "at", "be", "been", "by", "can", "each", "every", "for",
    "from", "has", "have", "in", "is", "it", "its", "of", "on", "or", "that", "the", "their", "this", "to",
    "was", "which", "will", "with", "you", "your",
];

/// The stems of the content words.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    spoken(text).filter(|word| !is_empty(word)).map(|word| stem(&word)).collect()
}

/// Whether the word, in lower case, is a function word.
pub(super) fn is_empty(word: &str) -> bool {
    EMPTY.binary_search(&word).is_ok()
}

/// The words of a text or of a name, in lower case: `getBook_v2` has `get`, `book` and `v2`.
pub(super) fn spoken(text: &str) -> impl Iterator<Item = String> {
    let mut chars = text.chars().peekable();
    let mut was_lower = false;
    std::iter::from_fn(move || {
        let mut word = String::new();
        while let Some(&c) = chars.peek() {
            let begins = c.is_uppercase() && was_lower;
            if !word.is_empty() && (begins || !is_part(c)) {
                break;
            }
            was_lower = c.is_lowercase();
            // The apostrophe of "can't" is not part of the word and does not end it.
            if c.is_alphanumeric() {
                word.extend(c.to_lowercase());
            }
            chars.next();
        }
        was_lower = false;
        (!word.is_empty()).then_some(word)
    })
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '’')
}

/// The word without its ending, so that `creates`, `created`, `creating` and `creation` are one.
pub(super) fn stem(word: &str) -> String {
    let is_lower = !word.chars().any(char::is_uppercase);
    let word = if is_lower { Cow::Borrowed(word) } else { Cow::Owned(word.to_lowercase()) };
    // The first of these endings that leaves enough of the word, and what stands in its place.
    const ENDINGS: [(&str, &str); 14] = [
        ("ations", "at"),
        ("ation", "at"),
        ("sses", "ss"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("xes", "x"),
        ("ies", "y"),
        ("ied", "y"),
        ("tions", "t"),
        ("tion", "t"),
        ("ing", ""),
        ("ed", ""),
        ("ss", "ss"),
        ("s", ""),
    ];
    const FEWEST: usize = 3;
    let shorter = ENDINGS.iter().find_map(|(ending, instead)| {
        let kept = word.strip_suffix(ending)?;
        (kept.chars().count() >= FEWEST
            || (instead.len() == 1 && kept.len() >= 2)
            || ending.len() == 1 && kept.len() >= 2)
            .then(|| format!("{kept}{instead}"))
    });
    let mut stem = shorter.unwrap_or_else(|| word.into_owned());
    // `planned` is of `plan`, and `delete` of what `deleting` is of.
    let mut last = stem.chars().rev();
    if let (Some(one), Some(other)) = (last.next(), last.next())
        && one == other
        && one.is_ascii_alphabetic()
        && !matches!(one, 's' | 'l' | 'e' | 'o' | 'f' | 'z')
        && stem.len() > FEWEST
    {
        stem.pop();
    }
    if stem.len() > FEWEST && stem.ends_with('e') {
        stem.pop();
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for forms in [
            &["create", "creates", "created", "creating", "creation"][..],
            &["delete", "deletes", "deleted", "deletion"],
            &["query", "queries", "queried", "querying"],
            &["plan", "plans", "planned", "planning"],
            &["address", "addresses"],
            &["batch", "batches"],
            &["tag", "tags", "tagged"],
            &["validate", "validation", "validations"],
        ] {
            let stems: BTreeSet<String> = forms.iter().map(|form| stem(form)).collect();
            assert_eq!(stems.len(), 1, "{stems:?}");
        }
        for (one, other) in [("address", "add"), ("bus", "be"), ("sing", "s")] {
            assert_ne!(stem(one), stem(other), "{one} {other}");
        }
    }

    #[test]
    fn words_of_a_text_are_those_of_its_name() {
        assert_eq!(words("Creates all the books"), words("create_book"));
        assert_eq!(words("You can't"), words("cant"));
        assert!(EMPTY.is_sorted());
    }
}
