//! Decodes text in charsets other than UTF-8 as browsers do, by the labels of the WHATWG encoding standard.

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};

use crate::common::text::excerpt;

/// Decoded text in UTF-8, and a caveat about it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Decoded {
    /// `None` if the bytes are already UTF-8 without a byte order mark.
    pub(super) text: Option<String>,
    pub(super) caveat: Option<String>,
}

/// Decodes the bytes to UTF-8 and removes a byte order mark.
pub(super) fn to_utf8(bytes: &[u8], label: Option<&str>) -> Decoded {
    let is_utf8 = std::str::from_utf8(bytes).is_ok();
    let label = label.or_else(|| declared(bytes).filter(|_| !is_utf8));
    let known = label.and_then(|label| Encoding::for_label_no_replacement(label.as_bytes()));
    match (known, label) {
        (Some(encoding), _) => decode(bytes, encoding),
        (None, _) if is_utf8 || Encoding::for_bom(bytes).is_some() => decode(bytes, encoding_rs::UTF_8),
        (None, Some(label)) => Decoded {
            text: None,
            caveat: Some(format!(
                "The text is in {}, which is not supported: some of it is garbled.",
                excerpt(label, 40)
            )),
        },
        // HTTP/1.1 once defined ISO-8859-1 as the default, which browsers treat as windows-1252.
        (None, None) => Decoded {
            caveat: Some(
                "The service does not say in which charset the text is. It was read as windows-1252: some of it may be \
                 garbled."
                    .to_owned(),
            ),
            ..decode(bytes, WINDOWS_1252)
        },
    }
}

/// Decodes the bytes. A byte order mark takes precedence over `encoding`.
fn decode(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    let (text, encoding, is_garbled) = encoding.decode(bytes);
    let caveat = is_garbled.then(|| {
        format!(
            "The service declares the text as {}, but some of it is invalid in that charset and is garbled.",
            encoding.name()
        )
    });
    let is_same = matches!(text, Cow::Borrowed(text) if text.len() == bytes.len());
    Decoded { text: (!is_same).then(|| text.into_owned()), caveat }
}

/// Returns the charset that an XML declaration names. The declaration is ASCII in every charset that is supported
/// here.
fn declared(bytes: &[u8]) -> Option<&str> {
    let declaration = bytes.strip_prefix(b"<?xml")?;
    let end = declaration.iter().take(200).position(|byte| *byte == b'>')?;
    let (_, value) = std::str::from_utf8(&declaration[..end]).ok()?.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split_once(quote).map(|(label, _)| label)
}

#[cfg(test)]
mod tests {
    use super::to_utf8;

    #[test]
    fn text_in_the_declared_charset_is_decoded_to_utf8() {
        for (bytes, label, text) in [
            (&b"caf\xe9 \x80"[..], Some("iso-8859-1"), Some("café €")),
            ("café".as_bytes(), None, None),
            ("\u{feff}café".as_bytes(), Some("utf-8"), Some("café")),
            ("\u{feff}café".as_bytes(), None, Some("café")),
            (b"\xff\xfec\0\xe9\0", None, Some("cé")),
            (b"\xff\xfec\0\xe9\0", Some("utf-16"), Some("cé")),
            (b"\0c\0\xe9", Some("utf-16be"), Some("cé")),
            (b"\xcf\xf0\xe8", Some("windows-1251"), Some("При")),
            (b"\xd6\xd0\xce\xc4", Some("gb18030"), Some("中文")),
            (b"\x83\x4a", Some("Shift_JIS"), Some("カ")),
            (
                b"<?xml version='1.0' encoding = 'koi8-r'?>\xf0",
                None,
                Some("<?xml version='1.0' encoding = 'koi8-r'?>П"),
            ),
            (b"plain", Some("shift_jis"), None),
            (b"plain", Some("klingon"), None),
        ] {
            let decoded = to_utf8(bytes, label);
            assert_eq!(decoded.text.as_deref(), text, "{bytes:?} {label:?}");
            assert_eq!(decoded.caveat, None, "{bytes:?} {label:?}");
        }
    }

    #[test]
    fn undecodable_text_gets_a_note_that_names_the_charset() {
        for (bytes, label, text, word) in [
            (&b"caf\xff"[..], Some("utf-8"), Some("caf\u{fffd}"), "UTF-8"),
            (b"\0c\0", Some("utf-16be"), Some("c\u{fffd}"), "UTF-16BE"),
            (b"caf\xe9", None, Some("café"), "windows-1252"),
            (b"caf\xe9", Some("klingon"), None, "klingon"),
        ] {
            let decoded = to_utf8(bytes, label);
            assert_eq!(decoded.text.as_deref(), text, "{bytes:?} {label:?}");
            assert!(decoded.caveat.is_some_and(|it| it.contains(word)), "{bytes:?} {label:?}");
        }
    }
}
