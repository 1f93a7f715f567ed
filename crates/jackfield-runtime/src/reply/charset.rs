//! Text in other charsets than UTF-8.

/// What Windows-1252 has where Latin-1 has control characters, which no text holds; the web reads both as this.
const ABOVE_ASCII: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// The bytes as text in UTF-8, without a byte order mark; none where nothing has to be done.
///
/// # Errors
/// The name of a charset that is not known here.
pub(crate) fn to_utf8(bytes: &[u8], label: Option<&str>) -> Result<Option<String>, String> {
    match (bytes, label) {
        ([0xEF, 0xBB, 0xBF, rest @ ..], _) => Ok(Some(String::from_utf8_lossy(rest).into_owned())),
        ([0xFF, 0xFE, rest @ ..], _) | (rest, Some("utf-16le" | "utf-16")) => {
            Ok(Some(utf16(rest, u16::from_le_bytes)))
        }
        ([0xFE, 0xFF, rest @ ..], _) | (rest, Some("utf-16be")) => Ok(Some(utf16(rest, u16::from_be_bytes))),
        (_, None | Some("utf-8" | "utf8")) if std::str::from_utf8(bytes).is_ok() => Ok(None),
        // HTTP's own default of old, for text that is not what it is today.
        (_, None) => Ok(Some(latin(bytes))),
        (_, Some("utf-8" | "utf8")) => Ok(Some(String::from_utf8_lossy(bytes).into_owned())),
        (_, Some("iso-8859-1" | "latin1" | "latin-1" | "us-ascii" | "ascii" | "windows-1252" | "cp1252")) => {
            Ok((!bytes.is_ascii()).then(|| latin(bytes)))
        }
        (_, Some(other)) if std::str::from_utf8(bytes).is_err() => Err(other.to_owned()),
        // ASCII, which nearly all charsets share, or UTF-8 that goes by another name.
        _ => Ok(None),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks(2).map(|pair| pair.try_into().map_or(0xFFFD, unit));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn latin(bytes: &[u8]) -> String {
    let above: Vec<char> = ABOVE_ASCII.chars().collect();
    let one = |byte: &u8| match byte {
        0x80..0xA0 => above[usize::from(byte - 0x80)],
        _ => char::from(*byte),
    };
    bytes.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::to_utf8;

    #[test]
    fn text_becomes_utf8() {
        for (bytes, label, text) in [
            (&b"caf\xe9 \x80"[..], Some("iso-8859-1"), Some("café €")),
            (b"caf\xe9", None, Some("café")),
            ("café".as_bytes(), None, None),
            ("\u{feff}café".as_bytes(), Some("utf-8"), Some("café")),
            (b"\xff\xfec\0\xe9\0", None, Some("cé")),
            (b"\0c\0\xe9", Some("utf-16be"), Some("cé")),
            (b"\0c\0", Some("utf-16be"), Some("c\u{fffd}")),
            (b"caf\xff", Some("utf-8"), Some("caf\u{fffd}")),
            (b"plain", Some("shift_jis"), None),
        ] {
            assert_eq!(to_utf8(bytes, label).unwrap().as_deref(), text, "{bytes:?} {label:?}");
        }
        assert_eq!(to_utf8(b"\x83\x4a", Some("shift_jis")), Err("shift_jis".to_owned()));
        assert_eq!(super::ABOVE_ASCII.chars().count(), 32);
    }
}
