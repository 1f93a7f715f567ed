//! A text that must not be seen.

mod alignment;

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
#[derive(Clone)]
pub(crate) struct Secrets {
    needles: Vec<Needle>,
    /// Which bytes a needle can begin with, so that most of a reply is passed over quickly.
    beginnings: [bool; 256],
}

/// What is looked for.
#[derive(Clone, PartialEq, Eq)]
enum Needle {
    Text(Secret),
    /// The characters of base64 that a secret alone decides, in the standard alphabet.
    Base64(Secret),
}

impl Default for Secrets {
    fn default() -> Self {
        let mut beginnings = [false; 256];
        ESCAPES.iter().for_each(|byte| beginnings[usize::from(*byte)] = true);
        Self { needles: Vec::new(), beginnings }
    }
}

/// Bytes that begin an escape of a character.
const ESCAPES: &[u8] = b"\\%+&";

/// How many bytes are read before it is asked again whether anybody waits.
const ASK_AFTER: usize = 64 * 1024;

/// Shorter texts occur by chance, and striking them would garble every reply.
const SHORTEST: usize = 4;

impl Secrets {
    /// Looks for the secret from here on: as it is, and within whatever is written in base64.
    pub(crate) fn push(&mut self, secret: Secret) {
        if secret.0.len() < SHORTEST {
            return;
        }
        let cores = alignment::cores(secret.expose()).into_iter().filter(|core| core.len() >= SHORTEST);
        let cores: Vec<Needle> = cores.map(|core| Needle::Base64(Secret::new(core))).collect();
        for needle in std::iter::once(Needle::Text(secret)).chain(cores) {
            if self.needles.contains(&needle) {
                continue;
            }
            for c in needle.spellings(needle.text().chars().next().unwrap_or_default()) {
                let mut first = [0; 4];
                c.encode_utf8(&mut first);
                self.beginnings[usize::from(first[0])] = true;
            }
            self.needles.push(needle);
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// The text with every secret struck out, where it holds any.
    pub(crate) fn strike(&self, text: &str) -> Option<String> {
        self.strike_bytes(text.as_bytes()).map(|struck| String::from_utf8_lossy(&struck).into_owned())
    }

    /// The same of bytes that may be no text. All others stay what they are.
    pub(crate) fn strike_bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.strike_unless(bytes, || false)
    }

    /// The same, until nobody waits for it any more: then nothing of the bytes is left.
    pub(crate) fn strike_unless(&self, bytes: &[u8], is_stopped: impl Fn() -> bool) -> Option<Vec<u8>> {
        let mut struck = Vec::new();
        let mut kept_to = 0;
        let mut at = 0;
        let mut asked_at = 0;
        while at < bytes.len() {
            if at >= asked_at {
                if is_stopped() {
                    return Some(STRUCK.to_vec());
                }
                asked_at = at + ASK_AFTER;
            }
            let rest = &bytes[at..];
            let is_beginning = self.beginnings[usize::from(rest[0])];
            let lengths = || self.needles.iter().filter_map(|needle| needle.length_in(rest)).max();
            match is_beginning.then(lengths).flatten() {
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

impl Needle {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Base64(text) => text.expose(),
        }
    }

    /// The characters that mean the same.
    fn spellings(&self, c: char) -> impl Iterator<Item = char> {
        let twin = if matches!(self, Self::Base64(_)) { alignment::twin(c) } else { None };
        std::iter::once(c).chain(twin)
    }

    /// How many of the bytes are the secret: as it is, or in the escapes of JSON, addresses and markup, which whoever
    /// reads it undoes. Each character may have its own, and one that begins an escape may stand for itself.
    fn length_in(&self, bytes: &[u8]) -> Option<usize> {
        let first = bytes.first()?;
        let begins = |c: char| c.encode_utf8(&mut [0; 4]).as_bytes().first() == Some(first);
        let mut chars = self.text().chars();
        if !ESCAPES.contains(first) && !self.spellings(chars.next()?).any(begins) {
            return None;
        }
        let mut rests = vec![bytes];
        for (at, c) in self.text().chars().enumerate() {
            if at > 0 && matches!(self, Self::Base64(_)) {
                rests = rests.into_iter().map(alignment::after_line_break).collect();
            }
            let spelled = rests.iter().flat_map(|rest| {
                self.spellings(c).flat_map(|c| {
                    let plain = rest.strip_prefix(c.encode_utf8(&mut [0; 4]).as_bytes());
                    [plain, after_json(c, rest), after_percent(c, rest), after_markup(c, rest)]
                })
            });
            rests = spelled.flatten().collect();
            rests.sort_unstable_by_key(|rest| rest.len());
            rests.dedup_by_key(|rest| rest.len());
            if rests.is_empty() {
                return None;
            }
        }
        rests.iter().map(|rest| bytes.len() - rest.len()).max()
    }
}

/// What follows the character in an escape of addresses and forms.
fn after_percent(c: char, bytes: &[u8]) -> Option<&[u8]> {
    if let (' ', [b'+', rest @ ..]) = (c, bytes) {
        return Some(rest);
    }
    c.encode_utf8(&mut [0; 4]).bytes().try_fold(bytes, |bytes, byte| {
        let (digits, rest) = bytes.strip_prefix(b"%")?.split_at_checked(2)?;
        (number(digits, 16) == Some(u32::from(byte))).then_some(rest)
    })
}

/// What follows the character in an entity of HTML or XML.
fn after_markup(c: char, bytes: &[u8]) -> Option<&[u8]> {
    let inner = bytes.strip_prefix(b"&")?;
    let (entity, rest) = inner.split_at(inner.iter().take(10).position(|byte| *byte == b';')?);
    let spelled = match entity {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16).and_then(char::from_u32),
        [b'#', digits @ ..] => number(digits, 10).and_then(char::from_u32),
        _ => None,
    };
    (spelled == Some(c)).then(|| &rest[1..])
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

/// What follows the character in an escape of JSON.
fn after_json(c: char, bytes: &[u8]) -> Option<&[u8]> {
    let [b'\\', kind, rest @ ..] = bytes else { return None };
    match (kind, c) {
        (b'n', '\n') | (b'r', '\r') | (b't', '\t') | (b'b', '\u{8}') | (b'f', '\u{c}') => Some(rest),
        (b'"', '"') | (b'\\', '\\') | (b'/', '/') => Some(rest),
        (b'u', _) => c.encode_utf16(&mut [0; 2]).iter().try_fold(bytes, |bytes, unit| {
            let (digits, rest) = bytes.strip_prefix(b"\\u")?.split_at_checked(4)?;
            (number(digits, 16) == Some(u32::from(*unit))).then_some(rest)
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

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
            "s%2Fe%22c%5Cr%F0%9F%98%80t",
            "%73%2fe%22c%5cr%f0%9f%98%80t",
            "s/e&quot;c\\r😀t",
            "s&#x2F;e&#34;c\\r&#128512;t",
            r#"s/e&quot;c\\r\uD83D\uDE00t"#,
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
    fn what_begins_an_escape_may_stand_for_itself() {
        let secrets = secrets(&["a%25 b&amp;c"]);
        for spelled in ["a%25 b&amp;c", "a%2525+b%26amp%3Bc", "a%25\\u0020b&amp;amp;c", "a%2525%20b&amp;c"] {
            assert_eq!(secrets.strike(spelled).as_deref(), Some("[credential removed]"), "{spelled}");
        }
        assert_eq!(secrets.strike("a%25-b&amp;c"), None);
        assert_eq!(secrets.strike("a%2"), None);
    }

    #[test]
    fn secret_within_base64_is_struck_at_every_offset() {
        for secret in ["hunter2", "abcd", "canary-s3cret/with+signs?\u{fe}~~~>>>", "a%25 b&amp;c"] {
            let secrets = secrets(&[secret]);
            for before in 0..=8 {
                for after in 0..=3 {
                    let bytes = format!("{}{secret}{}", &"\u{1}?>xyz-~"[..before], &"!\u{7f}z"[..after]);
                    for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
                        let text = engine.encode(&bytes);
                        for spelled in [
                            text.clone(),
                            text.replace('/', "\\/"),
                            text.replace('+', "%2B").replace('/', "%2f"),
                        ] {
                            let struck = secrets.strike(&format!("{{\"a\": \"{spelled}\"}}"));
                            assert!(
                                struck.is_some_and(|it| it.contains("[credential removed]")),
                                "{secret} behind {before}, before {after}: {spelled}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn secret_within_base64_is_struck_across_line_breaks() {
        let secrets = secrets(&["canary-secret-of-some-length"]);
        let text = STANDARD.encode("x canary-secret-of-some-length y");
        for at in 0..text.len() {
            for line_break in ["\r\n", "\n", r"\r\n", r"\n"] {
                let wrapped = format!("{}{line_break}{}", &text[..at], &text[at..]);
                assert!(secrets.strike(&wrapped).is_some(), "{wrapped}");
            }
        }
    }

    #[test]
    fn struck_base64_tells_no_byte_of_the_secret() {
        let secrets = secrets(&["hunter2"]);
        for before in ["", "a", "ab"] {
            let struck = secrets.strike(&STANDARD.encode(format!("{before}hunter2 and more"))).unwrap();
            // At most the one character on either side that neighbours decide with it is left.
            let (kept, rest) = struck.split_once("[credential removed]").unwrap();
            assert!(kept.len() <= before.len() + 1 && rest.len() >= 12, "{struck}");
        }
    }

    #[test]
    fn reply_that_nobody_waits_for_is_not_searched_and_not_kept() {
        let asked = std::cell::Cell::new(0);
        let is_stopped = || asked.replace(asked.get() + 1) == 2;
        let struck = secrets(&["hunter2"]).strike_unless(&vec![b'x'; 1 << 20], is_stopped);
        assert_eq!((struck, asked.get()), (Some(STRUCK.to_vec()), 3));
    }

    #[test]
    fn base64_of_something_else_stays() {
        let secrets = secrets(&["hunter2"]);
        assert_eq!(secrets.strike(&STANDARD.encode("hunted2 and hunter_2")), None);
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
