//! The differences between texts.

use crate::change::Change;
use crate::excerpt::excerpts;
use crate::{Class, Kind};

/// Returns a change if the two texts differ.
pub(crate) fn text(words: &str, old: &str, new: &str) -> Option<Change> {
    if old == new {
        return None;
    }
    let (before, after) = excerpts(old, new);
    let present = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
    let (before, after) = (present(&before), present(&after));
    let change =
        Change::value(Class::Wording, Kind::Text, words, before.as_deref(), after.as_deref()).about(words);
    Some(change.values(present(old).as_deref(), present(new).as_deref()))
}

/// The maximum number of characters of the first words of a text.
const FIRST_WORDS: usize = 80;

/// Returns the first line of a text, shortened.
pub(crate) fn first_words(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    crate::phrase::truncated(line, FIRST_WORDS)
}
