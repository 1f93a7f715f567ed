//! Words that carry meaning, for comparing texts with names.

use std::collections::BTreeSet;

/// The stems of the words that carry meaning.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    const EMPTY: [&str; 16] = [
        "a", "an", "the", "of", "for", "to", "in", "on", "by", "with", "from", "all", "and", "this", "that",
        "is",
    ];
    let mut found = BTreeSet::new();
    let mut word = String::new();
    let mut push = |word: &mut String| {
        if !word.is_empty() {
            let stem = word.trim_end_matches('s').to_ascii_lowercase();
            if !EMPTY.contains(&stem.as_str()) && !stem.is_empty() {
                found.insert(stem);
            }
            word.clear();
        }
    };
    let mut lower = false;
    for c in text.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower) {
            push(&mut word);
        }
        if c.is_alphanumeric() {
            word.push(c);
        }
        lower = c.is_lowercase();
    }
    push(&mut word);
    found
}
