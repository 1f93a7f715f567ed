//! Singular and plural of English words in paths.

/// Plurals for which the rules below are wrong.
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

/// Words that end in `s` but are singular, or whose plural is the same.
const UNCHANGED: [&str; 11] = [
    "access",
    "analytics",
    "business",
    "diagnostics",
    "dns",
    "https",
    "news",
    "series",
    "settings",
    "sms",
    "stats",
];

/// The singular of a word; the word itself if it is not a plural.
pub(super) fn singular(word: &str) -> String {
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == word) {
        return (*one).to_owned();
    }
    let ends = |end: &str| word.ends_with(end);
    let cut = |letters: usize| &word[..word.len() - letters];
    if word.len() < 3 || !ends("s") || UNCHANGED.contains(&word) || ends("ss") || ends("us") || ends("is") {
        return word.to_owned();
    }
    if ends("ies") && word.len() > 4 {
        return format!("{}y", cut(3));
    }
    let hisses = ["sses", "shes", "ches", "xes", "zzes", "iases", "tuses"].iter().any(|end| ends(end));
    if hisses { cut(2).to_owned() } else { cut(1).to_owned() }
}

/// Whether the word is a plural.
pub(super) fn is_plural(word: &str) -> bool {
    singular(word) != word
}

/// The name with its last word in the singular: `billing_addresses` becomes `billing_address`.
pub(super) fn singular_name(name: &str) -> String {
    match name.rsplit_once('_') {
        Some((rest, last)) => format!("{rest}_{}", singular(last)),
        None => singular(name),
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
