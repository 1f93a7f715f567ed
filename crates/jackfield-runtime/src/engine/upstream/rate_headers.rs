//! Parses the pauses that replies ask for: `Retry-After`, `RateLimit` with `RateLimit-Policy`, `RateLimit-Remaining`, and these
//! headers with the prefix `X-`.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};

use super::wait_text;
use crate::transport::reply::Reply;

/// The ends of header names that identify one of several limits, for example in `X-RateLimit-Resource`.
const NAMES_OF_LIMITS: [&str; 3] = ["resource", "bucket", "scope"];

/// A pause that a reply asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AskedPause {
    pub(super) wait: Duration,
    /// Whether the service has several limits. The pause then applies only to this tool.
    pub(super) is_of_tool: bool,
}

/// Parses the pause that a reply asks for. Most replies do not ask for a pause.
pub(super) fn asked(reply: &Reply) -> Option<AskedPause> {
    let refuses = matches!(
        reply.http_status(),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::FORBIDDEN
    );
    let after = if refuses { reply.header("retry-after") } else { None };
    if after.is_none() && !reply.headers.keys().any(|name| limit_word(name.as_str()).is_some()) {
        return None;
    }
    let now = SystemTime::now();
    let after = after.and_then(|text| wait_text::wait(text, now));
    let wait = after.max(exhausted(&reply.headers, now)).filter(|wait| !wait.is_zero())?;
    let is_of_tool = reply
        .headers
        .keys()
        .filter_map(|name| limit_word(name.as_str()))
        .any(|word| NAMES_OF_LIMITS.contains(&word));
    Some(AskedPause { wait, is_of_tool })
}

/// Returns the part of a header name after `RateLimit`: `remaining` for `X-RateLimit-Remaining` and `x-rate-limit-remaining`, and an empty
/// string for `RateLimit`.
fn limit_word(name: &str) -> Option<&str> {
    let name = name.strip_prefix("x-").unwrap_or(name);
    let rest = name.strip_prefix("ratelimit").or_else(|| name.strip_prefix("rate-limit"))?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('-') }
}

/// Returns the time until all exhausted limits are reset.
fn exhausted(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let words = || {
        headers.iter().filter_map(|(name, value)| Some((limit_word(name.as_str())?, value.to_str().ok()?)))
    };
    let value = |word: &str| words().find(|(known, _)| *known == word).map(|(_, value)| value);
    let mut longest = None;
    for (word, text) in words() {
        let wait = match word.strip_prefix("remaining") {
            // If there are several limits, `reset-requests` belongs to `remaining-requests`.
            Some(which) if text.trim() == "0" => {
                let reset = |which: &str| {
                    let after = value(&format!("reset-after{which}"));
                    after.or_else(|| value(&format!("reset{which}")))
                };
                let reset = reset(which).or_else(|| reset("").filter(|_| !which.is_empty()));
                reset.and_then(|text| wait_text::wait(text, now))
            }
            None if word.is_empty() => {
                items(text).filter_map(|item| item.exhausted(value("policy"), now)).max()
            }
            _ => None,
        };
        longest = longest.max(wait);
    }
    longest
}

/// One limit in the header `RateLimit`: `"default";r=0;t=30`. A header in the format of earlier drafts, `limit=10, remaining=0, reset=30`,
/// is one limit.
struct Item<'t> {
    name: &'t str,
    parameters: &'t str,
}

/// Splits a header into its limits. A comma within quotes does not end a limit.
fn items(text: &str) -> impl Iterator<Item = Item<'_>> {
    let is_list = text.trim_start().starts_with('"') || text.contains(';');
    let mut is_quoted = false;
    let pieces = text.split(move |c: char| {
        is_quoted ^= c == '"';
        c == ',' && !is_quoted && is_list
    });
    pieces.map(|piece| {
        let end = piece.char_indices().scan(false, |is_quoted, (at, c)| {
            *is_quoted ^= c == '"';
            Some((at, c == ';' && !*is_quoted))
        });
        let end = end.into_iter().find(|(_, ends)| *ends).map(|(at, _)| at);
        match end {
            Some(at) => Item { name: piece[..at].trim(), parameters: &piece[at + 1..] },
            None => Item { name: "", parameters: piece },
        }
    })
}

impl<'t> Item<'t> {
    fn parameter(&self, names: &[&str]) -> Option<&'t str> {
        let pairs = self.parameters.split([';', ',']).filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(name, _)| names.contains(&name.trim())).map(|(_, value)| value.trim())
    }

    /// Returns the time until the limit is reset, if the limit is exhausted. If the header does not contain the time, the result is the
    /// window in `RateLimit-Policy`, which is the longest possible time.
    fn exhausted(&self, policy: Option<&str>, now: SystemTime) -> Option<Duration> {
        if self.parameter(&["r", "remaining"])? != "0" {
            return None;
        }
        let window = || {
            let mut policies = items(policy?).filter(|policy| policy.name == self.name);
            policies.find_map(|policy| policy.parameter(&["w"]))
        };
        wait_text::wait(self.parameter(&["t", "reset"]).or_else(window)?, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderName, HeaderValue};

    fn pause(status: u16, headers: &[(&'static str, &'static str)]) -> Option<(u64, bool)> {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let status = StatusCode::from_u16(status).unwrap();
        let reply = Reply::new(status, headers.collect(), Bytes::new(), true, String::new());
        asked(&reply).map(|asked| (asked.wait.as_secs(), asked.is_of_tool))
    }

    #[test]
    fn pause_is_parsed_from_retry_after_and_rate_limit_headers() {
        for (status, headers, seconds) in [
            (429, &[("retry-after", "7")][..], 7),
            (503, &[("retry-after", "7")], 7),
            (403, &[("retry-after", "7")], 7),
            (200, &[("ratelimit", "\"default\";r=0;t=30")], 30),
            (200, &[("ratelimit", "\"a;b,c\";r=5;t=9, \"daily\";r=0;t=60")], 60),
            (
                200,
                &[("ratelimit", "\"default\";r=0"), ("ratelimit-policy", "\"x\";w=9, \"default\";q=5;w=20")],
                20,
            ),
            (200, &[("ratelimit", "limit=10, remaining=0, reset=31")], 31),
            (200, &[("ratelimit-remaining", "0"), ("ratelimit-reset", "32")], 32),
            (200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "33")], 33),
            (200, &[("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "34")], 34),
            (
                200,
                &[
                    ("x-ratelimit-remaining", " 0 "),
                    ("x-ratelimit-reset-after", "1.5"),
                    ("x-ratelimit-reset", "99"),
                ],
                1,
            ),
            (200, &[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "6m0s")], 360),
            (200, &[("x-ratelimit-remaining-minute", "0"), ("ratelimit-reset", "12")], 12),
            (429, &[("retry-after", "7"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "40")], 40),
        ] {
            assert_eq!(pause(status, headers), Some((seconds, false)), "{headers:?}");
        }
        let of_tool =
            [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5"), ("x-ratelimit-resource", "search")];
        assert_eq!(pause(403, &of_tool), Some((5, true)));
    }

    #[test]
    fn reply_without_an_exhausted_limit_or_a_valid_delay_causes_no_pause() {
        for (status, headers) in [
            (200, &[("content-type", "application/json")][..]),
            (201, &[("retry-after", "7")]),
            (404, &[("retry-after", "7")]),
            (429, &[]),
            (429, &[("retry-after", "soon")]),
            (429, &[("retry-after", "0")]),
            (200, &[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "33")]),
            (200, &[("x-ratelimit-remaining", "0")]),
            (200, &[("x-ratelimit-remaining", "-0"), ("x-ratelimit-reset", "33")]),
            (200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1000000001")]),
            (200, &[("ratelimit", "\"default\";r=1;t=30")]),
            (200, &[("ratelimit", "\"default\";r=0")]),
            (200, &[("ratelimit", "\"r=0;t=9")]),
            (200, &[("ratelimit", ";;,\",=")]),
            (200, &[("ratelimited", "0"), ("rate", "0")]),
        ] {
            assert_eq!(pause(status, headers), None, "{status} {headers:?}");
        }
    }
}
