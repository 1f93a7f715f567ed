use std::fmt::Write as _;

/// One word for any text, so that no document writes lines or words of its own: what addresses are made of stays, all
/// else becomes `\u{20}`.
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
