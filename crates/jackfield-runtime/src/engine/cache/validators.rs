//! Validators: the headers that identify a version of a resource (RFC 9110, section 8.8).

use http::HeaderMap;

use crate::common::http_date;

/// The request headers that make a request conditional.
pub(super) const CONDITIONS: [&str; 2] = ["if-none-match", "if-modified-since"];

/// The maximum length of a validator.
const LONGEST: usize = 1024;

/// The validators of a reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Validators {
    etag: Option<String>,
    modified: Option<String>,
    /// Whether `Last-Modified` differs between any two versions.
    has_exact_date: bool,
}

impl Validators {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| {
            let text = headers.get(name)?.to_str().ok()?.trim();
            (text.len() <= LONGEST).then(|| text.to_owned())
        };
        let etag = text("etag").filter(|etag| is_entity_tag(etag));
        let modified = text("last-modified").filter(|date| http_date::parse(date).is_some());
        Self { etag, has_exact_date: has_exact_date(headers), modified }
    }

    /// Returns the conditional header and its value. The entity tag is preferred. `Last-Modified` is used only if it differs between any
    /// two versions.
    pub(super) fn condition(&self) -> Option<(&'static str, &str)> {
        let [none_match, modified_since] = CONDITIONS;
        match (&self.etag, &self.modified) {
            (Some(etag), _) => Some((none_match, etag)),
            (None, Some(date)) if self.has_exact_date => Some((modified_since, date)),
            _ => None,
        }
    }

    /// Whether a 304 confirms the version with these validators. A 304 without validators confirms the requested version.
    pub(super) fn fit(&self, not_modified: &HeaderMap) -> bool {
        let told = Self::of(not_modified);
        match (&told.etag, &told.modified) {
            (Some(etag), _) => self.etag.as_deref().is_some_and(|own| opaque(own) == opaque(etag)),
            // The entity tag is too long or malformed, so it cannot be compared.
            (None, _) if not_modified.contains_key("etag") => false,
            (None, Some(date)) => self.modified.as_ref().is_none_or(|own| own == date),
            (None, None) => true,
        }
    }
}

/// Whether a text is an entity tag: a quoted string, with or without `W/` before it. Some services omit the quotes; their entity tags are
/// not sent.
fn is_entity_tag(text: &str) -> bool {
    let inner = opaque(text).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.is_some_and(|inner| inner.bytes().all(|byte| byte == 0x21 || (0x23..=0x7E).contains(&byte)))
}

/// Returns the entity tag without `W/`. For reads, weak and strong tags are compared in the same way.
fn opaque(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag)
}

/// Whether any two versions have different `Last-Modified` dates. This is certain if the date is at least a second before `Date`.
fn has_exact_date(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name)?.to_str().ok();
    text("date")
        .zip(text("last-modified"))
        .is_some_and(|(date, changed)| http_date::tells_changes_apart(date, changed))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn of(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn revalidation_uses_an_etag_or_a_last_modified_before_the_date_header() {
        let (early, late) = ("Sun, 29 Nov 2026 08:30:00 GMT", "Sun, 29 Nov 2026 08:30:01 GMT");
        for (pairs, expected) in [
            (
                &[("etag", "\"a\""), ("last-modified", early), ("date", late)][..],
                Some("if-none-match: \"a\""),
            ),
            (&[("etag", "W/\"a\"")], Some("if-none-match: W/\"a\"")),
            (&[("etag", "\"\"")], Some("if-none-match: \"\"")),
            (
                &[("last-modified", early), ("date", late)],
                Some("if-modified-since: Sun, 29 Nov 2026 08:30:00 GMT"),
            ),
            (&[("last-modified", early), ("date", early)], None),
            (&[("last-modified", early)], None),
            (&[("last-modified", "soon"), ("date", late)], None),
            (&[("etag", "a")], None),
            (&[("etag", "*")], None),
            (&[("etag", "\"a\", \"b\"")], None),
            (&[("etag", "\"[credential removed]\"")], None),
            (&[], None),
        ] {
            let validators = Validators::of(&of(pairs));
            let condition = validators.condition().map(|(name, value)| format!("{name}: {value}"));
            assert_eq!(condition.as_deref(), expected, "{pairs:?}");
        }
    }

    #[test]
    fn not_modified_response_confirms_only_a_reply_with_the_same_validators() {
        let (early, late) = ("Sun, 29 Nov 2026 08:30:00 GMT", "Sun, 29 Nov 2026 08:30:01 GMT");
        let tagged = Validators::of(&of(&[("etag", "\"a\""), ("last-modified", early)]));
        let dated = Validators::of(&of(&[("last-modified", early), ("date", late)]));
        for (pairs, fits_tagged, fits_dated) in [
            (&[][..], true, true),
            (&[("etag", "\"a\"")], true, false),
            (&[("etag", "W/\"a\"")], true, false),
            (&[("etag", "\"b\"")], false, false),
            (&[("etag", "a")], false, false),
            (&[("last-modified", early)], true, true),
            (&[("last-modified", late)], false, false),
        ] {
            let told = of(pairs);
            assert_eq!((tagged.fit(&told), dated.fit(&told)), (fits_tagged, fits_dated), "{pairs:?}");
        }
    }
}
