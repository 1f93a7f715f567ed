//! A text that must not be seen.

use zeroize::Zeroizing;

/// What stands where a secret was.
const STRUCK: &[u8] = b"[credential removed]";

/// A credential. It has no `Debug` and no `Display`; only the runtime, which sends it, can read it. Its memory is
/// overwritten when it is let go.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text into custody.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the wire.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The same secret in another spelling.
    pub(crate) fn map(&self, spell: impl FnOnce(&str) -> String) -> Self {
        Self::new(spell(&self.0))
    }
}

/// The secrets of one call, so that an echo of them can be struck from what comes back.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<Secret>);

impl Secrets {
    pub(crate) fn push(&mut self, secret: Secret) {
        // Shorter texts occur by chance, and striking them would garble every reply.
        if secret.0.len() >= 4 {
            self.0.push(secret);
        }
    }

    /// The text with every secret struck out, where it holds any.
    pub(crate) fn strike(&self, text: &str) -> Option<String> {
        self.strike_bytes(text.as_bytes()).map(|struck| String::from_utf8_lossy(&struck).into_owned())
    }

    /// The same of bytes that may be no text. All others stay what they are.
    pub(crate) fn strike_bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut struck = Vec::new();
        let mut kept_to = 0;
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            match self.0.iter().filter_map(|secret| length_of(secret.expose(), rest)).max() {
                Some(length) => {
                    struck.extend_from_slice(&bytes[kept_to..at]);
                    struck.extend_from_slice(STRUCK);
                    at += length;
                    kept_to = at;
                }
                None => at += 1,
            }
        }
        if kept_to == 0 {
            return None;
        }
        struck.extend_from_slice(&bytes[kept_to..]);
        Some(struck)
    }
}

/// How many of the bytes are the secret: as it is, or in the escapes of JSON, which whoever reads it undoes.
fn length_of(secret: &str, bytes: &[u8]) -> Option<usize> {
    let first = bytes.first()?;
    if *first != b'\\' && secret.as_bytes().first() != Some(first) {
        return None;
    }
    if bytes.starts_with(secret.as_bytes()) {
        return Some(secret.len());
    }
    let mut rest = bytes;
    for c in secret.chars() {
        rest = after_escape(c, rest).or_else(|| rest.strip_prefix(c.encode_utf8(&mut [0; 4]).as_bytes()))?;
    }
    Some(bytes.len() - rest.len())
}

/// What follows the character where it is spelled in an escape.
fn after_escape(c: char, bytes: &[u8]) -> Option<&[u8]> {
    let [b'\\', kind, rest @ ..] = bytes else { return None };
    match (kind, c) {
        (b'n', '\n') | (b'r', '\r') | (b't', '\t') | (b'b', '\u{8}') | (b'f', '\u{c}') => Some(rest),
        (b'"', '"') | (b'\\', '\\') | (b'/', '/') => Some(rest),
        (b'u', _) => c.encode_utf16(&mut [0; 2]).iter().try_fold(bytes, |bytes, unit| {
            let (digits, rest) = bytes.strip_prefix(b"\\u")?.split_at_checked(4)?;
            let spelled = std::str::from_utf8(digits).ok()?;
            (u16::from_str_radix(spelled, 16) == Ok(*unit)).then_some(rest)
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(all: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        all.iter().for_each(|secret| secrets.push(Secret::new((*secret).to_owned())));
        secrets
    }

    #[test]
    fn every_spelling_is_struck() {
        let secrets = secrets(&["s/e\"c\\r😀t"]);
        for spelled in [
            "s/e\"c\\r😀t",
            r#"s\/e\"c\\r😀t"#,
            r#"\u0073/e\u0022c\u005cr\uD83D\uDE00t"#,
            r#"s/e\"c\\r\ud83d\ude00t"#,
        ] {
            let text = format!("data: {{\"a\": \"{spelled}\"}}\n\ndata: {{");
            let struck = secrets.strike(&text).unwrap_or_else(|| panic!("{spelled}"));
            assert_eq!(struck, "data: {\"a\": \"[credential removed]\"}\n\ndata: {");
        }
        assert_eq!(secrets.strike(r#"s\ne"#), None);
    }

    #[test]
    fn doubled_backslashes_are_struck_as_they_are() {
        assert_eq!(secrets(&[r"a\\b"]).strike(r"x a\\b"), Some("x [credential removed]".to_owned()));
    }

    #[test]
    fn of_two_the_longer_is_struck() {
        assert_eq!(secrets(&["abcd", "abcdef"]).strike("abcdefg"), Some("[credential removed]g".to_owned()));
    }

    #[test]
    fn other_bytes_stay_what_they_are() {
        let secrets = secrets(&["hunter2"]);
        assert_eq!(
            secrets.strike_bytes(b"\xff\x00hunter2\xfe"),
            Some(b"\xff\x00[credential removed]\xfe".to_vec())
        );
        assert_eq!(secrets.strike_bytes(b"\xff\x00hunter\xfe"), None);
    }
}
