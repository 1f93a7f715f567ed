//! Percent-encoding: RFC 3986, section 2.1.

use crate::digits::hex_number;

/// Returns the byte that an escape at the beginning encodes: `%` and two hexadecimal digits.
fn escaped_byte(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [b'%', high, low, ..] => hex_number(&[*high, *low]).and_then(|byte| u8::try_from(byte).ok()),
        _ => None,
    }
}

/// Whether the bytes begin with an escape: `%` and two hexadecimal digits.
pub fn is_percent_escape(bytes: &[u8]) -> bool {
    escaped_byte(bytes).is_some()
}

/// Appends the escape of a byte, in upper case as RFC 3986 recommends.
pub fn push_percent_escape(out: &mut String, byte: u8) {
    out.push('%');
    for digit in [byte >> 4, byte & 15] {
        out.extend(char::from_digit(digit.into(), 16).map(|digit| digit.to_ascii_uppercase()));
    }
}

/// Decodes percent-encoding. `None` if a `%` is not followed by two hexadecimal digits.
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

/// Decodes percent-encoding. A `%` that is not followed by two hexadecimal digits stays unchanged.
///
/// ```
/// use jackfield_recipe::percent_decode_lenient;
///
/// assert_eq!(percent_decode_lenient("%41 is 100%"), b"A is 100%");
/// ```
pub fn percent_decode_lenient(text: &str) -> Vec<u8> {
    decode(text, Some).unwrap_or_default()
}

/// Decodes percent-encoding. `stray` returns the byte that replaces a `%` without two digits, or `None` to refuse the text.
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

    /// Tests the escapes that every decoder of the project accepts.
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
