//! Computes the freshness lifetime of a reply from its headers (RFC 9111).

use std::time::Duration;

use http::HeaderMap;

use crate::common::http_date;

/// The maximum lifetime in seconds. Longer lifetimes are reduced to it.
const LONGEST: u64 = 1 << 31;

/// The directives of `Cache-Control` that a private cache obeys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct CacheControl {
    no_store: bool,
    no_cache: bool,
    max_age: Option<u64>,
}

impl CacheControl {
    fn of(headers: &HeaderMap) -> Self {
        let mut control = Self::default();
        for field in headers.get_all("cache-control") {
            // A header that is not text may contain any directive, so it counts as `no-store`.
            let Ok(text) = field.to_str() else { return Self { no_store: true, ..control } };
            for directive in directives(text) {
                let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
                let (name, value) = (name.trim(), value.trim().trim_matches('"').trim());
                if name.eq_ignore_ascii_case("no-store") {
                    control.no_store = true;
                } else if name.eq_ignore_ascii_case("no-cache") {
                    // `no-cache` with header names applies to these headers only. A private cache may revalidate the whole reply instead.
                    control.no_cache = true;
                } else if name.eq_ignore_ascii_case("max-age") {
                    // The smaller of two values counts. A value that is not a number makes the reply stale.
                    let seconds = seconds(value);
                    control.max_age = Some(control.max_age.map_or(seconds, |other| other.min(seconds)));
                }
            }
        }
        control
    }
}

/// Splits a header into its directives. A comma within quotes does not end a directive.
fn directives(text: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |c: char| {
        is_quoted ^= c == '"';
        c == ',' && !is_quoted
    })
}

/// Parses a number of seconds. Text that is not a number counts as 0, and a number beyond the limit as the limit.
fn seconds(text: &str) -> u64 {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().unwrap_or(LONGEST).min(LONGEST) } else { 0 }
}

/// Whether a reply with these headers must not be stored.
pub(super) fn forbids_storing(headers: &HeaderMap) -> bool {
    CacheControl::of(headers).no_store
}

/// Returns the freshness lifetime of a reply that was just received: `most`, or less if the headers of the service shorten it.
pub(super) fn lifetime(headers: &HeaderMap, most: Duration) -> Duration {
    let control = CacheControl::of(headers);
    if control.no_cache {
        return Duration::ZERO;
    }
    let own = control.max_age.map(Duration::from_secs).or_else(|| expiry(headers));
    let Some(own) = own else { return most };
    let age = headers.get("age").and_then(|age| age.to_str().ok()).map_or(0, |age| seconds(age.trim()));
    own.saturating_sub(Duration::from_secs(age)).min(most)
}

/// Returns the time from `Date` to `Expires`, or `None` without `Expires`. The time is zero if either header is not a date, such as
/// `Expires: 0`.
fn expiry(headers: &HeaderMap) -> Option<Duration> {
    let date = |name| headers.get(name)?.to_str().ok().and_then(http_date::parse);
    headers.get("expires")?;
    let (expires, date) = (date("expires"), date("date"));
    Some(expires.zip(date).and_then(|(end, begin)| end.duration_since(begin).ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        let mut map = HeaderMap::new();
        for (name, value) in pairs.iter().map(pair) {
            map.append(name, value);
        }
        map
    }

    #[test]
    fn cache_headers_of_the_service_shorten_freshness() {
        for (pairs, expected) in [
            (&[][..], 60),
            (&[("cache-control", "max-age=9")], 9),
            (&[("cache-control", "max-age=900")], 60),
            (&[("cache-control", "private, MAX-AGE = \"9\"")], 9),
            (&[("cache-control", "max-age=9"), ("cache-control", "max-age=7")], 7),
            (&[("cache-control", "max-age=99999999999999999999")], 60),
            (&[("cache-control", "max-age=-1")], 0),
            (&[("cache-control", "max-age")], 0),
            (&[("cache-control", "max-age=9"), ("age", "4")], 5),
            (&[("cache-control", "max-age=9"), ("age", "40")], 0),
            (&[("cache-control", "s-maxage=1, must-revalidate")], 60),
            (&[("cache-control", "no-cache")], 0),
            (&[("cache-control", "no-cache=\"set-cookie, x\", max-age=9")], 0),
            (&[("cache-control", "x=\"no-cache, max-age=1\"")], 60),
            (&[("expires", "0")], 0),
            (&[("expires", "Sun, 29 Nov 2026 08:30:09 GMT")], 0),
            (&[("expires", "Sun, 29 Nov 2026 08:30:09 GMT"), ("date", "Sun, 29 Nov 2026 08:30:00 GMT")], 9),
            (&[("expires", "Sun, 29 Nov 2026 08:30:00 GMT"), ("date", "Sun, 29 Nov 2026 08:30:09 GMT")], 0),
            (&[("expires", "0"), ("cache-control", "max-age=9")], 9),
        ] {
            let seconds = lifetime(&headers(pairs), Duration::from_secs(60)).as_secs();
            assert_eq!(seconds, expected, "{pairs:?}");
        }
    }

    #[test]
    fn reply_with_no_store_or_undecodable_cache_control_is_not_stored() {
        for (pairs, expected) in [
            (&[][..], false),
            (&[("cache-control", "private, no-cache, max-age=0")], false),
            (&[("cache-control", "private"), ("cache-control", "No-Store")], true),
            (&[("cache-control", "x=\"no-store\"")], false),
            (&[("cache-control", "x=\"no-store")], false),
            (&[("cache-control", "\u{e9}")], true),
        ] {
            assert_eq!(forbids_storing(&headers(pairs)), expected, "{pairs:?}");
        }
    }
}
