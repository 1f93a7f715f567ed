use std::fmt::Write as _;

/// Converts any text to one word, so that a document cannot add lines or words to the lock. Characters of
/// URLs are kept, and others become `\u{20}`.
pub(super) fn word(text: &str) -> String {
    let mut word = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || "-._~:/{}[]@%!$&'*+,;".contains(c) {
            word.push(c);
        } else {
            let _ = write!(word, "\\u{{{:x}}}", u32::from(c));
        }
    }
    word
}
