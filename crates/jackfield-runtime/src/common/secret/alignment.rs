//! Finds a secret inside a longer base64 text. Three bytes become four characters, so the encoding of the secret depends on
//! the number of bytes before it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

/// Returns the base64 characters that depend only on the secret, for a secret that follows zero, one or two other bytes.
pub(super) fn cores(secret: &str) -> [String; 3] {
    [0, 1, 2].map(|before| {
        let mut bytes = Zeroizing::new(vec![0; before]);
        bytes.extend_from_slice(secret.as_bytes());
        let text = Zeroizing::new(STANDARD_NO_PAD.encode(&bytes));
        // A character encodes six bits. A character that also encodes bits of an adjacent byte is left out.
        let (start, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        text[start..end].to_owned()
    })
}

/// Maps a character of the URL-safe alphabet to the standard alphabet.
pub(super) const fn standard(c: char) -> char {
    match c {
        '-' => '+',
        '_' => '/',
        _ => c,
    }
}

/// Returns the bytes after a line break, which may be raw or escaped as in JSON. Returns all bytes if they do not begin with a line break.
pub(super) fn after_line_break(bytes: &[u8]) -> &[u8] {
    if !matches!(bytes.first(), Some(b'\r' | b'\n' | b'\\')) {
        return bytes;
    }
    let breaks: [&[u8]; 4] = [b"\r\n", b"\n", br"\r\n", br"\n"];
    breaks.iter().find_map(|it| bytes.strip_prefix(*it)).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_search_patterns_do_not_depend_on_the_text_around_the_secret() {
        assert_eq!(cores("hunter2"), ["aHVudGVyM", "h1bnRlcj", "odW50ZXIy"]);
    }
}
