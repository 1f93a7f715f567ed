//! Singular and plural of English words in paths.

use std::borrow::Cow;

/// Plurals for which the rules below give a wrong singular.
const IRREGULAR: [(&str, &str); 24] = [
    ("caches", "cache"),
    ("calories", "calorie"),
    ("children", "child"),
    ("cookies", "cookie"),
    ("cpus", "cpu"),
    ("criteria", "criterion"),
    ("gpus", "gpu"),
    ("halves", "half"),
    ("indices", "index"),
    ("knives", "knife"),
    ("leaves", "leaf"),
    ("lives", "life"),
    ("matrices", "matrix"),
    ("men", "man"),
    ("menus", "menu"),
    ("movies", "movie"),
    ("people", "person"),
    ("queues", "queue"),
    ("selfies", "selfie"),
    ("shelves", "shelf"),
    ("skus", "sku"),
    ("vertices", "vertex"),
    ("wolves", "wolf"),
    ("women", "woman"),
];

/// Words that end in `s` and are singular, or have the same plural.
const UNCHANGED: [&str; 13] = [
    "access",
    "analytics",
    "business",
    "details",
    "diagnostics",
    "dns",
    "exists",
    "https",
    "news",
    "series",
    "settings",
    "sms",
    "stats",
];

/// Returns the singular of a word; the word itself if it is not a plural.
pub(super) fn singular(word: &str) -> Cow<'_, str> {
    if let Ok(at) = IRREGULAR.binary_search_by_key(&word, |(many, _)| many) {
        return Cow::Borrowed(IRREGULAR[at].1);
    }
    let ends = |end: &str| word.ends_with(end);
    let cut = |letters: usize| &word[..word.len() - letters];
    if word.len() < 3 || !ends("s") || UNCHANGED.contains(&word) || ends("ss") || ends("us") || ends("is") {
        return Cow::Borrowed(word);
    }
    if ends("ies") && word.len() > 4 {
        return Cow::Owned(format!("{}y", cut(3)));
    }
    let hisses = ["sses", "shes", "ches", "xes", "zzes", "iases", "tuses"].iter().any(|end| ends(end));
    Cow::Borrowed(if hisses { cut(2) } else { cut(1) })
}

/// Whether the word is a plural.
pub(super) fn is_plural(word: &str) -> bool {
    singular(word) != word
}

/// Returns the name with its last word in the singular: `billing_addresses` becomes `billing_address`.
pub(super) fn singular_name(name: &str) -> String {
    match name.rsplit_once('_') {
        Some((rest, last)) => format!("{rest}_{}", singular(last)),
        None => singular(name).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_become_singular_and_other_words_stay() {
        for (many, one) in [
            ("books", "book"),
            ("addresses", "address"),
            ("batches", "batch"),
            ("boxes", "box"),
            ("companies", "company"),
            ("databases", "database"),
            ("aliases", "alias"),
            ("statuses", "status"),
            ("people", "person"),
            ("status", "status"),
            ("analysis", "analysis"),
            ("news", "news"),
            ("ties", "tie"),
            ("s", "s"),
            ("", ""),
        ] {
            assert_eq!(singular(many), one, "{many}");
        }
        assert!(is_plural("books") && !is_plural("balance"));
        assert_eq!(singular_name("billing_addresses"), "billing_address");
    }
}
