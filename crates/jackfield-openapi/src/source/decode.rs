//! Decodes UTF-8, UTF-16 and UTF-32, detected by a byte order mark or by zero bytes.

use super::refusal::Refusal;

/// Decodes a document, without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<String, Refusal> {
    let (encoding, rest) = recognise(bytes);
    let text = match encoding {
        Encoding::Utf8 => utf8(rest)?,
        Encoding::Utf16(order) => utf16(rest, order)?,
        Encoding::Utf32(order) => utf32(rest, order)?,
    };
    match text.find('\0') {
        None => Ok(text),
        Some(at) => Err(Refusal::syntax(
            format!("NUL character at byte {at}, on line {}", line_of(&text.as_bytes()[..at])),
            "remove the character; JSON and YAML do not allow it",
        )),
    }
}

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16(Order),
    Utf32(Order),
}

/// Returns the encoding, and the bytes after the byte order mark.
///
/// Without a byte order mark, the first two characters decide. They are ASCII in both formats, so wide
/// encodings contain zero bytes.
fn recognise(bytes: &[u8]) -> (Encoding, &[u8]) {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (Encoding::Utf8, rest),
        // UTF-32 is tested before UTF-16, because the little-endian mark of UTF-16 is a prefix of the UTF-32
        // mark.
        [0xFF, 0xFE, 0, 0, rest @ ..] => (Encoding::Utf32(Order::Little), rest),
        [0, 0, 0xFE, 0xFF, rest @ ..] => (Encoding::Utf32(Order::Big), rest),
        [0xFF, 0xFE, rest @ ..] => (Encoding::Utf16(Order::Little), rest),
        [0xFE, 0xFF, rest @ ..] => (Encoding::Utf16(Order::Big), rest),
        [0, 0, 0, 1..=255, 0, 0, 0, 1..=255, ..] => (Encoding::Utf32(Order::Big), bytes),
        [1..=255, 0, 0, 0, 1..=255, 0, 0, 0, ..] => (Encoding::Utf32(Order::Little), bytes),
        [0, 1..=255, 0, 1..=255, ..] => (Encoding::Utf16(Order::Big), bytes),
        [1..=255, 0, 1..=255, 0, ..] => (Encoding::Utf16(Order::Little), bytes),
        _ => (Encoding::Utf8, bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, Refusal> {
    match str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let at = error.valid_up_to();
            let byte = bytes.get(at).copied().unwrap_or_default();
            Err(Refusal::syntax(
                format!(
                    "invalid UTF-8: byte {at}, on line {}, is 0x{byte:02X}, as in Latin-1 or Windows-1252",
                    line_of(&bytes[..at])
                ),
                "convert the file, for instance with `iconv -f WINDOWS-1252 -t UTF-8`",
            ))
        }
    }
}

fn utf16(bytes: &[u8], order: Order) -> Result<String, Refusal> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| match order {
        Order::Little => u16::from_le_bytes(*pair),
        Order::Big => u16::from_be_bytes(*pair),
    });
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(broken("UTF-16")),
    }
}

fn utf32(bytes: &[u8], order: Order) -> Result<String, Refusal> {
    let (quads, rest) = bytes.as_chunks::<4>();
    let text: Option<String> = quads
        .iter()
        .map(|quad| match order {
            Order::Little => u32::from_le_bytes(*quad),
            Order::Big => u32::from_be_bytes(*quad),
        })
        .map(char::from_u32)
        .collect();
    match text {
        Some(text) if rest.is_empty() => Ok(text),
        _ => Err(broken("UTF-32")),
    }
}

fn broken(encoding: &str) -> Refusal {
    Refusal::syntax(
        format!("invalid {encoding}: a later part is broken or truncated"),
        format!("run `iconv -f {encoding} -t UTF-8` on the file, which reports the broken position"),
    )
}

/// Returns the line of the byte after `before`, counted from one.
fn line_of(before: &[u8]) -> usize {
    1 + before.iter().filter(|&&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::decode;

    const TEXT: &str = "a: \u{e9}\u{1F600}\n";

    fn wide<const N: usize>(mark: &[u8], units: impl Iterator<Item = [u8; N]>) -> Vec<u8> {
        mark.iter().copied().chain(units.flatten()).collect()
    }

    #[test]
    fn encoding_is_detected_by_byte_order_mark_or_zero_bytes() {
        let utf16 = || TEXT.encode_utf16();
        let utf32 = || TEXT.chars().map(u32::from);
        let encoded = [
            TEXT.as_bytes().to_vec(),
            wide(&[0xEF, 0xBB, 0xBF], TEXT.bytes().map(|byte| [byte])),
            wide(&[0xFF, 0xFE], utf16().map(u16::to_le_bytes)),
            wide(&[0xFE, 0xFF], utf16().map(u16::to_be_bytes)),
            wide(&[], utf16().map(u16::to_le_bytes)),
            wide(&[], utf16().map(u16::to_be_bytes)),
            wide(&[0xFF, 0xFE, 0, 0], utf32().map(u32::to_le_bytes)),
            wide(&[0, 0, 0xFE, 0xFF], utf32().map(u32::to_be_bytes)),
            wide(&[], utf32().map(u32::to_le_bytes)),
            wide(&[], utf32().map(u32::to_be_bytes)),
        ];
        for bytes in encoded {
            assert_eq!(decode(&bytes).unwrap(), TEXT, "{bytes:?}");
        }
    }

    #[test]
    fn invalid_text_is_refused_with_its_position() {
        for bytes in [
            &b"a: b\nc: \xE9t\xE9"[..],
            b"{\"a\0b\": 1}",
            b"\xFF\xFEa",
            b"\xFF\xFE\x00\xD8",
            b"\0\0\xFE\xFF\0\0",
        ] {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
        let refusal = decode(b"a: b\nc: \xE9t\xE9").unwrap_err();
        assert!(format!("{refusal:?}").contains("byte 8, on line 2, is 0xE9"), "{refusal:?}");
    }
}
