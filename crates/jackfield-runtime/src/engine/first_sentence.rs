//! Finds the first sentence of a description.

/// Returns the text up to the end of its first sentence or line.
pub(crate) fn first_sentence(text: &str) -> &str {
    let text = text.trim();
    let line = text.lines().next().unwrap_or_default();
    line.find(". ").map_or(line, |end| &line[..=end])
}
