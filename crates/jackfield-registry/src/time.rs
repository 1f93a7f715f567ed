//! Times of a registry, in the format of RFC 3339.

use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_OF_DAY: i64 = 86_400;

/// Returns the seconds from 1970 to a time. 0 for a time before 1970.
pub(crate) fn seconds_of(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Returns the seconds from 1970 to a time such as `2026-11-29T08:30:00.25Z` or `2026-11-29T08:30:00+01:00`. `None` for other texts and for
/// times before 1970.
pub(crate) fn parse_time(text: &str) -> Option<u64> {
    let (date, rest) = text.split_at_checked(10)?;
    let time = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = time.split_at_checked(8)?;
    let digits = rest.strip_prefix('.').map_or(0, |fraction| {
        1 + fraction.len() - fraction.trim_start_matches(|c: char| c.is_ascii_digit()).len()
    });
    let offset = offset_of(rest.get(digits..)?)?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let is_valid = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60
        && digits != 1;
    let seconds = days_since_1970(year, month, day) * SECONDS_OF_DAY + hour * 3600 + minute * 60 + second;
    is_valid.then(|| u64::try_from(seconds - offset).ok()).flatten()
}

/// Returns the seconds by which a time zone is ahead of UTC.
fn offset_of(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('+') { 1 } else { -1 };
    let [hours, minutes] = numbers(zone.strip_prefix(['+', '-'])?, ':', [2, 2])?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Returns the numbers of a text, each with its number of digits.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = is_number.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(numbers)
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let before = |year: i64| (year - 1) * 365 + (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
    let months: i64 = (1..month).map(|month| days_of_month(year, month)).sum();
    before(year) - before(1970) + months + day - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_with_fraction_and_zone_is_parsed() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T00:00:00Z", 951_782_400),
            ("2025-11-29T08:29:59.123456789Z", 1_764_404_999),
            ("2025-11-29T09:29:59+01:00", 1_764_404_999),
            ("2025-11-29t03:59:59.5-04:30", 1_764_404_999),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
        ] {
            assert_eq!(parse_time(text), Some(seconds), "{text}");
        }
        let again = jackfield_runtime::utc_time(1_764_404_999);
        assert_eq!(parse_time(&again), Some(1_764_404_999));
    }

    #[test]
    fn text_that_is_not_a_time_is_not_parsed() {
        for text in [
            "",
            "now",
            "2026-11-29",
            "2026-11-29T08:30:00",
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-29T24:00:00Z",
            "2026-11-29T08:30:00.Z",
            "2026-11-29T08:30:00+1:00",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+01:00",
            "２026-11-29T08:30:00Z",
            "2026-11-29T08:30:00Zx",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
