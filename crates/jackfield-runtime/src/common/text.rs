//! Formats names, numbers and excerpts for messages.

use jackfield_recipe::visible_line;

/// Returns the beginning of a text, followed by `…` if the text was truncated.
pub(crate) fn excerpt(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Formats a number of bytes in a readable unit.
pub(crate) fn amount(bytes: usize) -> String {
    const MIB: usize = 1024 * 1024;
    match bytes {
        1 => "1 byte".to_owned(),
        0..10_240 => format!("{bytes} bytes"),
        10_240..MIB => format!("{} KiB", bytes / 1024),
        _ if bytes.is_multiple_of(MIB) => format!("{} MiB", bytes / MIB),
        _ => format!("{}.{} MiB", bytes / MIB, bytes % MIB * 10 / MIB),
    }
}

/// Returns at most `most` characters of a text, on one line and without invisible characters.
pub(crate) fn plain(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", visible_line(&text[..end])),
        None => visible_line(text).into_owned(),
    }
}
