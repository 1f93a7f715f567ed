//! Arguments that set the page size.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::words::{lower, stems, words};

/// The last words of names of arguments that set the page size.
const LENGTHS: [&str; 11] =
    ["count", "first", "item", "limit", "max", "page", "record", "result", "size", "take", "top"];
/// Words of descriptions that count the items of a page.
const COUNTING: [&str; 15] = [
    "amount", "be", "count", "how", "many", "max", "maximum", "object", "number", "item", "page", "record",
    "result", "retrieve", "return",
];

static COUNTED: LazyLock<BTreeSet<Cow<'_, str>>> =
    LazyLock::new(|| COUNTING.iter().flat_map(|word| stems(word)).collect());

/// Whether a text says only that the argument with this name is the page size.
pub(super) fn says_only_length(name: &str, said: &str) -> bool {
    if !is_length(name) {
        return false;
    }
    let known = words(name);
    stems(said).all(|word| known.contains(&word) || COUNTED.contains(&word))
}

/// Whether an argument with this name is the page size.
pub(crate) fn is_length(name: &str) -> bool {
    let words = ordered(name);
    let last = words.last().map(|word| word.trim_end_matches('s'));
    last.is_some_and(|last| LENGTHS.contains(&last)) && (words.len() > 1 || last != Some("page"))
}

/// Returns the words of a name in their order, in lower case.
pub(crate) fn ordered(name: &str) -> Vec<Cow<'_, str>> {
    let mut begins: Vec<usize> = Vec::new();
    let mut last = ' ';
    for (at, c) in name.char_indices() {
        if c.is_alphanumeric() && (!last.is_alphanumeric() || c.is_uppercase() && !last.is_uppercase()) {
            begins.push(at);
        }
        last = c;
    }
    let ends = begins.iter().skip(1).copied().chain([name.len()]);
    let words = begins.iter().zip(ends).map(|(begin, end)| {
        let word = name[*begin..end].trim_end_matches(|c: char| !c.is_alphanumeric());
        lower(word)
    });
    words.collect()
}
