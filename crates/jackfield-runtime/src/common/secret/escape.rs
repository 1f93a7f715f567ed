//! Decodes the escapes of JSON, of URLs and forms, and of HTML and XML.

use jackfield_recipe::{decimal_number, hex_number};

/// The maximum length of an escape in bytes: a surrogate pair in JSON, or four percent-encoded bytes.
pub(super) const LONGEST: usize = 12;

/// The notation of an escape, as a bit of a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Notation {
    Json = 1,
    Percent = 2,
    Markup = 4,
}

impl Notation {
    /// Returns the notation whose escapes begin with the given byte.
    pub(super) const fn of(byte: u8) -> Option<Self> {
        match byte {
            b'\\' => Some(Self::Json),
            b'%' => Some(Self::Percent),
            b'&' => Some(Self::Markup),
            _ => None,
        }
    }

    /// Decodes the escape at the beginning of the bytes. Returns its character and its length.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<(char, usize)> {
        match self {
            Self::Json => json(bytes),
            Self::Percent => percent(bytes),
            Self::Markup => markup(bytes),
        }
    }
}

fn json(bytes: &[u8]) -> Option<(char, usize)> {
    let short = match bytes.get(1)? {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'u' => {
            let first = unit(bytes)?;
            let pair = [first, unit(&bytes[6..]).unwrap_or_default()];
            let units = if matches!(first, 0xD800..=0xDBFF) { &pair[..] } else { &pair[..1] };
            let c = char::decode_utf16(units.iter().copied()).next()?.ok()?;
            return Some((c, 6 * units.len()));
        }
        _ => return None,
    };
    Some((short, 2))
}

/// Returns the UTF-16 code unit of `\u` with four digits.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    hex_number(digits).and_then(|unit| u16::try_from(unit).ok())
}

fn percent(bytes: &[u8]) -> Option<(char, usize)> {
    let mut decoded = [0; 4];
    for at in 0..decoded.len() {
        let digits = bytes.get(3 * at..3 * at + 3)?.strip_prefix(b"%")?;
        decoded[at] = u8::try_from(hex_number(digits)?).ok()?;
        if let Some(c) = std::str::from_utf8(&decoded[..=at]).ok().and_then(|text| text.chars().next()) {
            return Some((c, 3 * (at + 1)));
        }
    }
    None
}

fn markup(bytes: &[u8]) -> Option<(char, usize)> {
    let inner = bytes.strip_prefix(b"&")?;
    let end = inner.iter().take(10).position(|byte| *byte == b';')?;
    let c = match &inner[..end] {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hex_number(digits)?.try_into().ok()?)?,
        [b'#', digits @ ..] => char::from_u32(decimal_number(digits)?.try_into().ok()?)?,
        _ => return None,
    };
    Some((c, end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<(char, usize)> {
        Notation::of(text.as_bytes()[0]).unwrap().decode(text.as_bytes())
    }

    #[test]
    fn escape_of_each_notation_is_decoded() {
        for (text, c) in [("%41", 'A'), ("%c3%A4", 'ä'), ("\\u0041", 'A'), ("&#65;", 'A'), ("&#x41;", 'A')] {
            assert_eq!(decoded(text), Some((c, text.len())), "{text}");
        }
    }

    #[test]
    fn escape_with_characters_other_than_digits_is_not_decoded() {
        for text in ["%+4", "\\u+041", "&#+65;", "&#x+41;", "&#;", "&#x;"] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
