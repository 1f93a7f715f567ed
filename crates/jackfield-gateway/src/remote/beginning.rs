//! Texts of a server in messages.

/// The beginning of a text of a server, without control characters.
pub(super) fn beginning(text: &str, most: usize) -> String {
    text.chars().filter(|char| !char.is_control()).take(most).collect()
}
