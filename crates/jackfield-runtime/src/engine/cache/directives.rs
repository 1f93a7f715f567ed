//! How long a reply stays fresh, by its own headers (RFC 9111).

use std::time::Duration;

use http::HeaderMap;

use crate::common::http_date;

/// The longest time that is represented.
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
            // A field that is no text may hold any directive.
            let Ok(text) = field.to_str() else { return Self { no_store: true, ..control } };
            for directive in directives(text) {
                let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
                let (name, value) = (name.trim(), value.trim().trim_matches('"').trim());
                if name.eq_ignore_ascii_case("no-store") {
                    control.no_store = true;
                } else if name.eq_ignore_ascii_case("no-cache") {
                    // With names of headers, it is about these headers only. A private cache may ask about the rest too.
                    control.no_cache = true;
                } else if name.eq_ignore_ascii_case("max-age") {
                    // Of two values, the shorter one counts; one that cannot be read makes the reply stale.
                    let seconds = seconds(value);
                    control.max_age = Some(control.max_age.map_or(seconds, |other| other.min(seconds)));
                }
            }
        }
        control
    }
}

/// The directives of a field. A comma within quotes does not end a directive.
fn directives(text: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |c: char| {
        is_quoted ^= c == '"';
        c == ',' && !is_quoted
    })
}

/// A number of seconds; a number that is too large is the largest one, and anything else is 0.
fn seconds(text: &str) -> u64 {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().unwrap_or(LONGEST).min(LONGEST) } else { 0 }
}

/// Whether a reply with these headers must not be kept.
pub(super) fn forbids_storing(headers: &HeaderMap) -> bool {
    CacheControl::of(headers).no_store
}

/// How long a reply that has just come stays fresh, but not longer than `most`. A service can only shorten that time.
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

/// The time from `Date` to `Expires`. Anything that is no date, such as `0`, has passed.
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
    fn service_shortens_the_time_for_which_a_reply_is_fresh() {
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
    fn only_no_store_forbids_to_keep_a_reply() {
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
