//! Extracts the content words of a text, to compare texts with names.

use std::borrow::Cow;
use std::collections::BTreeSet;

/// Returns the stems of the content words, as a set.
pub(super) fn words(text: &str) -> BTreeSet<Cow<'_, str>> {
    stems(text).collect()
}

/// Returns the stems of the content words, in the order of the text.
pub(super) fn stems(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    spoken(text).filter(|word| !is_empty(word)).map(|word| match word {
        Cow::Borrowed(word) => stem(word),
        Cow::Owned(word) => Cow::Owned(stem(&word).into_owned()),
    })
}

/// Whether every content word of a text is in the list.
pub(super) fn is_within(text: &str, known: &BTreeSet<Cow<'_, str>>) -> bool {
    stems(text).all(|word| known.contains(&word))
}

/// Whether the word, in lower case, is an article, a preposition or another function word.
pub(super) fn is_empty(word: &str) -> bool {
    #[rustfmt::skip]
    let is_empty = matches!(
        word,
        "a" | "all" | "an" | "and" | "any" | "are" | "as" | "at" | "be" | "been" | "by" | "can" | "each" | "every"
            | "for" | "from" | "has" | "have" | "in" | "is" | "it" | "its" | "of" | "on" | "or" | "that" | "the"
            | "their" | "this" | "to" | "was" | "which" | "will" | "with" | "you" | "your"
    );
    is_empty
}

/// Returns the words of a text or of a name, in lower case: `getBook_v2` has `get`, `book` and `v2`.
pub(super) fn spoken(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (begin, first) = chars.by_ref().find(|(_, c)| c.is_alphanumeric())?;
        let mut end = begin + first.len_utf8();
        let mut was_lower = first.is_lowercase();
        while let Some((at, c)) = chars.next_if(|(_, c)| is_part(*c) && !(was_lower && c.is_uppercase())) {
            was_lower = c.is_lowercase();
            end = at + c.len_utf8();
        }
        Some(lower(&text[begin..end]))
    })
}

/// Returns the letters and digits of a word, in lower case. The apostrophe of "can't" is not part of the word and
/// does not end it.
pub(super) fn lower(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return Cow::Borrowed(word);
    }
    if word.is_ascii() {
        let letters = word.bytes().filter(u8::is_ascii_alphanumeric);
        let mut lower = String::with_capacity(word.len());
        lower.extend(letters.map(|letter| char::from(letter.to_ascii_lowercase())));
        return Cow::Owned(lower);
    }
    let letters = word.chars().filter(|c| c.is_alphanumeric());
    Cow::Owned(letters.flat_map(char::to_lowercase).collect())
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '’')
}

/// Returns the stem of a word, so that `creates`, `created`, `creating` and `creation` are equal.
pub(super) fn stem(word: &str) -> Cow<'_, str> {
    if word.chars().any(char::is_uppercase) {
        return Cow::Owned(stem_of_lower(&word.to_lowercase()).into_owned());
    }
    stem_of_lower(word)
}

fn stem_of_lower(word: &str) -> Cow<'_, str> {
    // Removes the first of these endings that leaves enough of the word, and appends its replacement.
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
    let last = word.as_bytes().last();
    let may_end = |(ending, _): &&(&str, &str)| ending.as_bytes().last() == last;
    let shorter = ENDINGS.iter().filter(may_end).find_map(|(ending, instead)| {
        let kept = word.strip_suffix(ending)?;
        let is_enough =
            (instead.len() == 1 || ending.len() == 1) && kept.len() >= 2 || kept.chars().count() >= FEWEST;
        is_enough.then_some(if ending.starts_with(instead) {
            Cow::Borrowed(&word[..kept.len() + instead.len()])
        } else {
            Cow::Owned(format!("{kept}{instead}"))
        })
    });
    let stem = shorter.unwrap_or(Cow::Borrowed(word));
    match stem {
        Cow::Borrowed(stem) => Cow::Borrowed(without_last_letter(stem, FEWEST)),
        Cow::Owned(mut stem) => {
            stem.truncate(without_last_letter(&stem, FEWEST).len());
            Cow::Owned(stem)
        }
    }
}

/// Normalizes a stem: one of two equal letters at its end is removed, and so is an `e`. Thus `planned` and
/// `plan` have one stem, and so do `delete` and `deleting`.
fn without_last_letter(stem: &str, fewest: usize) -> &str {
    let mut stem = stem;
    let mut last = stem.chars().rev();
    if let (Some(one), Some(other)) = (last.next(), last.next())
        && one == other
        && one.is_ascii_alphabetic()
        && !matches!(one, 's' | 'l' | 'e' | 'o' | 'f' | 'z')
        && stem.len() > fewest
    {
        stem = &stem[..stem.len() - 1];
    }
    if stem.len() > fewest { stem.strip_suffix('e').unwrap_or(stem) } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_the_same_stem() {
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
            let stems: BTreeSet<Cow<'_, str>> = forms.iter().map(|form| stem(form)).collect();
            assert_eq!(stems.len(), 1, "{stems:?}");
        }
        for (one, other) in [("address", "add"), ("bus", "be"), ("sing", "s")] {
            assert_ne!(stem(one), stem(other), "{one} {other}");
        }
    }

    #[test]
    fn text_that_repeats_a_name_has_the_same_words_as_the_name() {
        assert_eq!(words("Creates all the books"), words("create_book"));
        assert_eq!(words("You can't"), words("cant"));
    }
}
