//! Finds a secret inside a longer text in base64. Three bytes become four characters, so the encoding of the secret
//! depends on how many bytes are before it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

/// The characters that depend on the secret alone, after zero, one and two other bytes.
pub(super) fn cores(secret: &str) -> [String; 3] {
    [0, 1, 2].map(|before| {
        let mut bytes = Zeroizing::new(vec![0; before]);
        bytes.extend_from_slice(secret.as_bytes());
        let text = Zeroizing::new(STANDARD_NO_PAD.encode(&bytes));
        // A character encodes six bits. Those that also encode bits of an adjacent byte are left out.
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

/// The bytes after a line break, raw or escaped as in JSON. All bytes if the text has no line break.
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
    fn base64_cores_contain_only_characters_of_the_secret() {
        assert_eq!(cores("hunter2"), ["aHVudGVyM", "h1bnRlcj", "odW50ZXIy"]);
    }
}
