//! Percent-encoding: RFC 3986, section 2.1.

use crate::digits::hex_number;

/// The byte that `%` and two digits at the beginning of the text encode.
fn escaped_byte(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [b'%', high, low, ..] => hex_number(&[*high, *low]).and_then(|byte| u8::try_from(byte).ok()),
        _ => None,
    }
}

/// Whether the text begins with `%` and two digits.
pub fn is_percent_escape(bytes: &[u8]) -> bool {
    escaped_byte(bytes).is_some()
}

/// Appends `%` and the two digits of the byte, in upper case as RFC 3986 recommends.
pub fn push_percent_escape(out: &mut String, byte: u8) {
    out.push('%');
    for digit in [byte >> 4, byte & 15] {
        out.extend(char::from_digit(digit.into(), 16).map(|digit| digit.to_ascii_uppercase()));
    }
}

/// Decodes percent-encoding. None if a `%` is not followed by two digits.
///
/// ```
/// use jackfield_recipe::percent_decode;
///
/// assert_eq!(percent_decode("a%2Fb+c").as_deref(), Some(&b"a/b+c"[..]));
/// assert_eq!(percent_decode("100%"), None);
/// ```
pub fn percent_decode(text: &str) -> Option<Vec<u8>> {
    decode(text, |_| None)
}

/// Decodes percent-encoding. A `%` without two digits remains unchanged.
///
/// ```
/// use jackfield_recipe::percent_decode_lenient;
///
/// assert_eq!(percent_decode_lenient("%41 is 100%"), b"A is 100%");
/// ```
pub fn percent_decode_lenient(text: &str) -> Vec<u8> {
    decode(text, Some).unwrap_or_default()
}

/// Decodes percent-encoding. `stray` replaces a `%` without two digits. If it is `None`, such a text is not
/// decoded.
fn decode(text: &str, stray: impl Fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some(first) = rest.first() {
        let (byte, length) = match escaped_byte(rest) {
            Some(byte) => (byte, 3),
            None if *first == b'%' => (stray(*first)?, 1),
            None => (*first, 1),
        };
        out.push(byte);
        rest = &rest[length..];
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every decoder in the project accepts exactly these escapes.
    #[test]
    fn percent_without_two_hex_digits_is_not_an_escape() {
        for (text, strict, lossy) in [
            ("", Some(""), ""),
            ("plain+text", Some("plain+text"), "plain+text"),
            ("%41%7e%7E", Some("A~~"), "A~~"),
            ("%C3%a4", Some("ä"), "ä"),
            ("ä%20ö", Some("ä ö"), "ä ö"),
            ("%2525", Some("%25"), "%25"),
            ("%", None, "%"),
            ("%4", None, "%4"),
            ("%4g", None, "%4g"),
            ("%+1", None, "%+1"),
            ("%-1", None, "%-1"),
            ("% 1", None, "% 1"),
            ("%ä", None, "%ä"),
            ("%%41", None, "%A"),
            ("%u0041", None, "%u0041"),
        ] {
            let decoded = percent_decode(text).map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(decoded.as_deref(), strict, "{text}");
            assert_eq!(String::from_utf8(percent_decode_lenient(text)).unwrap(), lossy, "{text}");
        }
    }

    #[test]
    fn every_byte_round_trips_through_percent_encoding() {
        for byte in 0..=255 {
            let mut text = String::new();
            push_percent_escape(&mut text, byte);
            assert!(is_percent_escape(text.as_bytes()) && text.len() == 3, "{text}");
            assert_eq!(percent_decode(&text), Some(vec![byte]), "{text}");
        }
    }
}
