//! Secrets, and their redaction from everything that a model or a log receives.

mod alignment;
mod escape;
mod marks;
mod needle;
mod needle_cache;
mod steps;

use std::sync::Arc;

pub use jackfield_vault::Secret;
use marks::Marks;
use needle::Needle;
pub(crate) use needle_cache::NeedleCache;
use steps::{Steps, Stopped};

/// The text that replaces a secret.
pub(crate) const REDACTED: &[u8] = b"[credential removed]";

/// The secrets of one call. They are redacted wherever a service repeats them.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    /// The search patterns of each secret.
    needles: Vec<Arc<[Needle]>>,
    cache: Option<Arc<NeedleCache>>,
}

/// The minimum length of a redacted secret. Shorter secrets occur in replies by chance, and redacting them would make
/// replies unreadable.
const SHORTEST: usize = 4;

/// Returns the search patterns of a secret: the secret itself, and its forms inside base64.
fn needles_of(secret: &Secret) -> Arc<[Needle]> {
    let cores = alignment::cores(secret.expose()).into_iter().filter(|core| core.len() >= SHORTEST);
    let cores = cores.map(|core| Needle::new(Secret::new(core), true));
    let mut needles: Vec<Needle> = Vec::new();
    for needle in std::iter::once(Needle::new(secret.clone(), false)).chain(cores) {
        if !needles.iter().any(|it| it.is_same(&needle)) {
            needles.push(needle);
        }
    }
    needles.into()
}

impl Secrets {
    /// Creates an empty set, whose secrets reuse the cached search patterns of earlier calls.
    pub(crate) fn cached_in(cache: &Arc<NeedleCache>) -> Self {
        Self { needles: Vec::new(), cache: Some(Arc::clone(cache)) }
    }

    /// Adds a secret to redact: in plain text, in every escaped spelling, and inside base64.
    pub(crate) fn push(&mut self, secret: Secret) {
        if secret.expose().len() < SHORTEST {
            return;
        }
        if self.needles.iter().any(|known| known.first().is_some_and(|it| it.is_of(&secret))) {
            return;
        }
        let needles = match &self.cache {
            Some(cache) => cache.of(&secret, || needles_of(&secret)),
            None => needles_of(&secret),
        };
        self.needles.push(needles);
    }

    fn needles(&self) -> impl Iterator<Item = &Needle> {
        self.needles.iter().flat_map(|needles| needles.iter())
    }

    /// Returns the secrets of at least `shortest` bytes, and the length of the longest secret.
    pub(crate) fn of_at_least(&self, shortest: usize) -> (Self, usize) {
        let length = |needles: &Arc<[Needle]>| needles.first().map_or(0, Needle::length);
        let needles: Vec<_> = self.needles.iter().filter(|it| length(it) >= shortest).cloned().collect();
        let longest = needles.iter().map(length).max().unwrap_or_default();
        (Self { needles, cache: None }, longest)
    }

    /// Adds the secrets of another set.
    pub(crate) fn extend(&mut self, other: &Self) {
        for needles in &other.needles {
            let is_same = |known: &Arc<[Needle]>| {
                Arc::ptr_eq(known, needles)
                    || known.first().zip(needles.first()).is_some_and(|(known, new)| known.is_same(new))
            };
            if !self.needles.iter().any(is_same) {
                self.needles.push(Arc::clone(needles));
            }
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// Redacts every secret in a text. `None` if the text contains no secret.
    pub(crate) fn strike(&self, text: &str) -> Option<String> {
        self.redact_bytes(text.as_bytes()).map(|redacted| String::from_utf8_lossy(&redacted).into_owned())
    }

    /// Redacts every secret in bytes that might not be text, and keeps all other bytes. `None` if the bytes contain no secret.
    pub(crate) fn redact_bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.redact_unless(bytes, || false)
    }

    /// Redacts secrets. If the call is cancelled in the meantime, all bytes are dropped.
    pub(crate) fn redact_unless(&self, bytes: &[u8], is_stopped: impl Fn() -> bool) -> Option<Vec<u8>> {
        let mut steps = Steps::new(&is_stopped);
        self.search(bytes, &mut steps).unwrap_or_else(|Stopped| Some(REDACTED.to_vec()))
    }

    /// Redacts the secrets in linear time.
    fn search(&self, bytes: &[u8], steps: &mut Steps<'_>) -> Result<Option<Vec<u8>>, Stopped> {
        // Every spelling of a needle is at least as long as the needle.
        if self.needles().all(|needle| needle.length() > bytes.len()) {
            return Ok(None);
        }
        let mut found = Vec::new();
        let (marks, text) = (Marks::of(bytes), std::str::from_utf8(bytes).ok());
        for needle in self.needles() {
            if needle.is_ruled_out(text, marks, steps)? {
                continue;
            }
            for view in needle.views() {
                if let Some(starts) = needle.starts(view, bytes, steps)? {
                    found.push((needle, view, starts.next(0), starts));
                }
            }
        }
        let mut redacted = Vec::new();
        let mut kept_to = 0;
        while let Some(start) = found.iter().filter_map(|(_, _, next, _)| *next).min() {
            let mut end = start;
            for (needle, view, next, _) in &found {
                if *next == Some(start) {
                    end = end.max(needle.end(*view, bytes, start, steps)?);
                }
            }
            redacted.extend_from_slice(&bytes[kept_to..start]);
            redacted.extend_from_slice(REDACTED);
            kept_to = end;
            for (_, _, next, starts) in &mut found {
                if next.is_some_and(|next| next < end) {
                    *next = starts.next(end);
                }
            }
        }
        if kept_to == 0 {
            return Ok(None);
        }
        redacted.extend_from_slice(&bytes[kept_to..]);
        Ok(Some(redacted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    fn secrets(all: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        all.iter().for_each(|secret| secrets.push(Secret::new((*secret).to_owned())));
        secrets
    }

    #[test]
    fn secret_in_every_spelling_is_redacted() {
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
            let redacted = secrets.strike(&text).unwrap_or_else(|| panic!("{spelled}"));
            assert_eq!(redacted, "data: {\"a\": \"[credential removed]\"}\n\ndata: {");
        }
        assert_eq!(secrets.strike(r#"s\ne"#), None);
    }

    #[test]
    fn secret_with_doubled_backslashes_is_redacted() {
        assert_eq!(secrets(&[r"a\\b"]).strike(r"x a\\b"), Some("x [credential removed]".to_owned()));
    }

    #[test]
    fn secret_that_contains_escapes_is_redacted() {
        let secrets = secrets(&["a%25 b&amp;c"]);
        for spelled in ["a%25 b&amp;c", "a%2525+b%26amp%3Bc", "a%25\\u0020b&amp;amp;c", "a%2525%20b&amp;c"] {
            assert_eq!(secrets.strike(spelled).as_deref(), Some("[credential removed]"), "{spelled}");
        }
        assert_eq!(secrets.strike("a%25-b&amp;c"), None);
        assert_eq!(secrets.strike("a%2"), None);
    }

    #[test]
    fn secret_within_base64_is_redacted_at_every_offset() {
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
                            let redacted = secrets.strike(&format!("{{\"a\": \"{spelled}\"}}"));
                            assert!(
                                redacted.is_some_and(|it| it.contains("[credential removed]")),
                                "{secret} after {before}, before {after}: {spelled}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn secret_within_base64_is_redacted_across_line_breaks() {
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
    fn redacted_base64_leaks_no_byte_of_the_secret() {
        let secrets = secrets(&["hunter2"]);
        for before in ["", "a", "ab"] {
            let redacted = secrets.strike(&STANDARD.encode(format!("{before}hunter2 and more"))).unwrap();
            // At most one character of the encoded secret remains on either side, because it also encodes bits of the adjacent byte.
            let (kept, rest) = redacted.split_once("[credential removed]").unwrap();
            assert!(kept.len() <= before.len() + 1 && rest.len() >= 12, "{redacted}");
        }
    }

    #[test]
    fn secret_that_an_encoder_left_partly_unescaped_is_redacted() {
        assert!(secrets(&["a%25 b"]).strike("a%25%20b").is_some());
        assert!(secrets(&["abc%"]).strike("abc%41").is_some());
        assert!(secrets(&["abc\\"]).strike("\"abc\\\"").is_some());
        assert!(secrets(&["a\\é and so on and on"]).strike(r"a\\u00e9 and so on and on").is_some());
        assert!(secrets(&["a+b c"]).strike("a+b+c").is_some());
    }

    #[test]
    fn secret_with_decoded_and_literal_escapes_is_redacted() {
        let secrets = secrets(&["%61b%61 +c"]);
        assert!(secrets.strike("%61b%2561++c").is_some());
        assert_eq!(secrets.strike("%61b%2561  c"), None);
    }

    #[test]
    fn search_for_short_ambiguous_secrets_takes_linear_steps() {
        for secret in ["\\".repeat(100), "%25".repeat(40), "%2525252525".repeat(10)] {
            let secrets = secrets(&[&secret]);
            for reply in
                [secret.repeat(50), format!("{secret}x").repeat(50), secret.replace('%', "%25").repeat(50)]
            {
                let mut steps = Steps::new(&|| false);
                assert!(secrets.search(reply.as_bytes(), &mut steps).is_ok());
                assert!(
                    steps.taken <= 64 * (reply.len() + secret.len()),
                    "{} of {}",
                    steps.taken,
                    reply.len()
                );
            }
        }
    }

    #[test]
    fn secret_that_begins_within_an_escape_is_redacted() {
        assert_eq!(secrets(&["deadbeef"]).strike("%deadbeef"), Some("%[credential removed]".to_owned()));
        assert_eq!(secrets(&["Abcd"]).strike(r"\\u0041bcd"), Some(r"\[credential removed]".to_owned()));
        assert_eq!(secrets(&["amp;"]).strike("&amp;"), Some("&[credential removed]".to_owned()));
    }

    #[test]
    fn search_for_periodic_secrets_in_periodic_replies_takes_linear_steps() {
        let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
        let json = |text: &str| text.bytes().map(|byte| format!("\\u{byte:04x}")).collect::<String>();
        let long = |length: usize| "a".repeat(length);
        let long_secrets = [
            long(4_000) + "b",
            "b".to_owned() + &long(4_000),
            long(2_000) + "b" + &long(2_000),
            "aab".repeat(1_333),
            long(23),
            "%25".repeat(1_333) + "b",
            "\\".repeat(4_000) + "b",
        ];
        for secret in &long_secrets {
            let secrets = secrets(&[secret]);
            let views: usize = secrets.needles().map(|needle| needle.views().count()).sum();
            assert!(views <= 5, "{views}");
            for plain in [long(31_000), secret[..secret.len() - 1].repeat(2), secret.repeat(2)] {
                let wrapped =
                    STANDARD.encode(&plain).as_bytes().chunks(76).fold(Vec::new(), |mut all, line| {
                        all.extend_from_slice(line);
                        all.extend_from_slice(b"\r\n");
                        all
                    });
                for reply in [
                    plain.clone().into_bytes(),
                    percent(&plain).into_bytes(),
                    json(&plain).into_bytes(),
                    STANDARD.encode(&plain).into_bytes(),
                    wrapped,
                ] {
                    let mut steps = Steps::new(&|| false);
                    assert!(secrets.search(&reply, &mut steps).is_ok());
                    let most = 4 * views * (reply.len() + secret.len());
                    assert!(steps.taken <= most, "{} of {most}", steps.taken);
                }
            }
        }
    }

    #[test]
    fn cached_search_patterns_redact_only_their_own_secret() {
        let cache = Arc::new(NeedleCache::default());
        for secret in ["hunter2", "canary-3", "hunter2"] {
            let mut secrets = Secrets::cached_in(&cache);
            secrets.push(Secret::new(secret.to_owned()));
            let redacted = secrets.strike("hunter2 and canary-3").unwrap();
            assert_eq!(redacted, "hunter2 and canary-3".replace(secret, "[credential removed]"));
        }
    }

    #[test]
    fn reply_of_a_cancelled_call_is_dropped() {
        let asked = std::cell::Cell::new(0);
        let is_stopped = || asked.replace(asked.get() + 1) == 2;
        let redacted = secrets(&["hunter2"]).redact_unless(&vec![b'x'; 1 << 20], is_stopped);
        assert_eq!((redacted, asked.get()), (Some(REDACTED.to_vec()), 3));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn secret_that_the_prefilter_rules_out_is_not_in_the_reply(
            secret in r"[ab +/%&\\é-]{4,5}",
            reply in r"[ab +/%&\\é\n_-]{0,8}",
            before in 0..3_usize,
            is_encoded in any::<bool>(),
        ) {
            let text = format!("{}{secret}", &"xy"[..before.min(2)]);
            let reply = if is_encoded { reply + &URL_SAFE.encode(text) } else { reply.clone() + &text + &reply };
            for needle in needles_of(&Secret::new(secret)).iter() {
                let mut steps = Steps::new(&|| false);
                let is_ruled_out = needle.is_ruled_out(Some(&reply), Marks::of(reply.as_bytes()), &mut steps);
                let is_found = needle.views().any(|view| {
                    needle.starts(view, reply.as_bytes(), &mut steps).is_ok_and(|starts| starts.is_some())
                });
                prop_assert!(!(is_found && is_ruled_out.is_ok_and(|it| it)), "{reply:?}");
            }
        }
    }

    #[test]
    fn base64_of_another_text_is_unchanged() {
        let secrets = secrets(&["hunter2"]);
        assert_eq!(secrets.strike(&STANDARD.encode("hunted2 and hunter_2")), None);
    }

    #[test]
    fn longer_of_two_secrets_at_one_position_is_redacted() {
        assert_eq!(secrets(&["abcd", "abcdef"]).strike("abcdefg"), Some("[credential removed]g".to_owned()));
    }

    #[test]
    fn bytes_around_a_secret_are_unchanged() {
        let secrets = secrets(&["hunter2"]);
        assert_eq!(
            secrets.redact_bytes(b"\xff\x00hunter2\xfe"),
            Some(b"\xff\x00[credential removed]\xfe".to_vec())
        );
        assert_eq!(secrets.redact_bytes(b"\xff\x00hunter\xfe"), None);
    }
}
