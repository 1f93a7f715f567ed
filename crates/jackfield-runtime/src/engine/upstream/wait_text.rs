//! Parses retry delays in the formats that services use.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::common::http_date;

/// Numbers from this number on are seconds since 1970 and not a delay.
const SECONDS_SINCE_1970: f64 = 1e9;

/// Numbers from this number on are milliseconds since 1970.
const MILLISECONDS_SINCE_1970: f64 = 1e12;

/// The maximum delay in seconds. Longer delays are shortened to it.
const LONGEST: f64 = 1e8;

/// Parses a delay: a number of seconds, seconds or milliseconds since 1970, an HTTP date, or a duration such as `6m0s`. A time in the
/// past is a delay of zero.
pub(super) fn wait(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return http_date::parse(text).map(|time| time.duration_since(now).unwrap_or_default());
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !is_number {
        return duration(text);
    }
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
    let since_1970 = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let seconds = if number >= MILLISECONDS_SINCE_1970 {
        number / 1000.0 - since_1970
    } else if number >= SECONDS_SINCE_1970 {
        number - since_1970
    } else {
        number
    };
    Some(Duration::from_secs_f64(seconds.clamp(0.0, LONGEST)))
}

/// Parses a sum of numbers with units, such as `1h2m3.5s` or `120ms`.
fn duration(text: &str) -> Option<Duration> {
    let (mut rest, mut seconds) = (text, 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        seconds += number
            * match &rest[..unit] {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    Some(Duration::from_secs_f64(seconds.clamp(0.0, LONGEST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_delay_is_parsed_from_seconds_timestamps_dates_and_durations() {
        let now = UNIX_EPOCH + Duration::from_secs(1_795_941_000);
        let millis = |text| wait(text, now).map(|wait| wait.as_millis());
        for (text, expected) in [
            ("7", 7_000),
            (" 7 ", 7_000),
            ("0", 0),
            ("2.5", 2_500),
            ("1795941030", 30_000),
            ("1795941030500", 30_500),
            ("1795940000", 0),
            ("Sun, 29 Nov 2026 08:30:09 GMT", 9_000),
            ("Sun, 29 Nov 2020 08:30:09 GMT", 0),
            ("1s", 1_000),
            ("6m0s", 360_000),
            ("1h2m3.5s", 3_723_500),
            ("120ms", 120),
            ("99999999999999999999999", 100_000_000_000),
        ] {
            assert_eq!(millis(text), Some(expected), "{text}");
        }
        for text in ["", "-1", "soon", "7x", "1.2.3", "1e9", "NaN", "inf", "é", "1s2", "7 é"] {
            assert_eq!(millis(text), None, "{text}");
        }
    }
}
