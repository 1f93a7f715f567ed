use std::fmt::Write as _;

/// Turns any text into one word, so that no document can add lines or words: characters of URLs stay, and others become `\u{20}`.
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
