//! Truncation of a server's strings for messages.

/// Returns the first `most` characters of `text`, without control characters.
pub(super) fn beginning(text: &str, most: usize) -> String {
    text.chars().filter(|char| !char.is_control()).take(most).collect()
}
