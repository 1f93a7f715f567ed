//! Decoding of percent-encoded text.

/// Percent-decodes a text. Returns `None` if a `%` is not followed by two hexadecimal digits.
pub fn percent_decode(text: &str) -> Option<Vec<u8>> {
    decode(text.as_bytes(), |_| None)
}

/// Percent-decodes a text. A `%` that is not followed by two hexadecimal digits is kept.
pub fn percent_decode_lenient(text: &str) -> Vec<u8> {
    decode(text.as_bytes(), Some).unwrap_or_default()
}

fn decode(mut text: &[u8], invalid: impl Fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    while let [first, rest @ ..] = text {
        text = rest;
        bytes.push(match (first, rest) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                text = after;
                value(*high) << 4 | value(*low)
            }
            (b'%', _) => invalid(b'%')?,
            _ => *first,
        });
    }
    Some(bytes)
}

/// The value of a hexadecimal digit.
const fn value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::{percent_decode, percent_decode_lenient};

    #[test]
    fn percent_decode_accepts_digits_of_either_case() {
        assert_eq!(percent_decode("a%2Fb%c3%A9%00+").unwrap(), "a/b\u{e9}\0+".as_bytes());
        assert_eq!(percent_decode("%ff").unwrap(), [0xff]);
        assert_eq!(percent_decode("").unwrap(), b"");
    }

    #[test]
    fn invalid_percent_encoding_is_refused_or_kept() {
        for text in ["%", "%4", "a%zz", "%+1", "% 1", "%é", "%-1"] {
            assert_eq!(percent_decode(text), None, "{text}");
            assert_eq!(percent_decode_lenient(text), text.as_bytes(), "{text}");
        }
        assert_eq!(percent_decode_lenient("%%41%"), b"%A%");
    }
}
