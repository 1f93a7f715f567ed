use std::collections::BTreeMap;

use super::hit::{Hit, each};
use crate::surface::document::Document;
use crate::surface::text::words;

/// The minimum length of a description. A shorter description says no more than the name.
const SHORT: usize = 15;
/// Words that cannot be the last word of a sentence.
const GOES_ON: [&str; 18] = [
    "a", "an", "and", "are", "as", "at", "be", "for", "from", "if", "into", "of", "or", "that", "the",
    "when", "which", "with",
];

/// Finds descriptions that are identical to the description of another tool of the document.
pub(super) fn identical(document: &Document) -> Vec<Hit> {
    let said = |at: usize| {
        let tool = &document.tools[at];
        let text = if tool.description.is_empty() { &tool.title } else { &tool.description };
        text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
    };
    let mut by_text: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for at in 0..document.tools.len() {
        by_text.entry(said(at)).or_default().push(at);
    }
    let shared = by_text.into_iter().filter(|(text, tools)| !text.is_empty() && tools.len() > 1);
    shared
        .flat_map(|(text, tools)| tools.into_iter().map(move |tool| Hit { tool, detail: text.clone() }))
        .collect()
}

/// Finds descriptions that consist of method and path.
pub(super) fn route_only(document: &Document) -> Vec<Hit> {
    each(document, |tool| {
        let said = words(&tool.said());
        let path = words(&tool.path);
        let route: Vec<String> = std::iter::once(tool.method.to_lowercase()).chain(path.clone()).collect();
        (said == route || said == path && !path.is_empty()).then(|| tool.said())
    })
}

/// Finds descriptions of one or two words.
pub(super) fn short(document: &Document) -> Vec<Hit> {
    each(document, |tool| Some(tool.said()).filter(|said| said.trim().chars().count() < SHORT))
}

/// Finds descriptions that end in the middle of a sentence or with an open bracket.
pub(super) fn unfinished(document: &Document) -> Vec<Hit> {
    each(document, |tool| Some(tool.said()).filter(|said| is_unfinished(said)))
}

pub(super) fn is_unfinished(text: &str) -> bool {
    let text = text.trim();
    let goes_on = || {
        let last = text.rsplit(char::is_whitespace).next().unwrap_or_default();
        GOES_ON.contains(&last) || ["e.g.", "i.e."].contains(&last)
    };
    let count = |c: char| text.matches(c).count();
    let is_open =
        [('(', ')'), ('[', ']'), ('{', '}')].iter().any(|(open, close)| count(*open) > count(*close));
    text.ends_with(['…', ',', ';', ':', '(', '[', '{', '-', '–', '—', '/', '&'])
        || text.ends_with("...")
        || is_open
        || count('`') % 2 == 1
        || goes_on()
}
