//! Times as text, in RFC 3339 format and UTC.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SECONDS_OF_DAY: u64 = 86_400;
const MICROSECONDS: u64 = 1_000_000;

/// A time in UTC. It is displayed with milliseconds, as in `2026-11-29T08:30:00.250Z`, or with a given number of digits: `{:.6}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp {
    microseconds: u64,
}

/// A number of seconds since 1970 as a time in UTC, such as `2026-11-29T08:30:00Z`.
#[cfg(feature = "serve")]
pub fn utc_time(seconds: u64) -> String {
    let text = Timestamp::of_seconds(seconds).to_string();
    format!("{}Z", text.split('.').next().unwrap_or_default())
}

impl Timestamp {
    /// Converts a system time. A time before 1970 becomes the start of 1970.
    pub(crate) fn of(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self { microseconds: u64::try_from(since.as_micros()).unwrap_or(u64::MAX) }
    }

    /// Returns the time that is this number of seconds after the start of 1970.
    #[cfg(feature = "serve")]
    pub(crate) const fn of_seconds(seconds: u64) -> Self {
        Self { microseconds: seconds.saturating_mul(MICROSECONDS) }
    }

    /// Returns the date without the time of day.
    #[cfg(feature = "serve")]
    pub(crate) fn date(self) -> String {
        self.to_string().chars().take("2026-11-29".len()).collect()
    }

    /// Returns the milliseconds since 1970.
    #[cfg(all(test, feature = "serve"))]
    pub(crate) const fn milliseconds(self) -> u64 {
        self.microseconds / 1000
    }

    /// Parses a date (`2026-11-29`) or a time in UTC (`2026-11-29T08:30:00Z`, with any fraction of a second).
    #[cfg(feature = "serve")]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, time.strip_suffix('Z')?),
            None => (text, "00:00:00"),
        };
        let number = |text: &str, digits: usize| -> Option<u64> {
            let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| text.parse().ok()).flatten()
        };
        let mut parts = date.split('-');
        let year = number(parts.next()?, 4)?;
        let month = number(parts.next()?, 2).filter(|month| (1..=12).contains(month))?;
        let day = number(parts.next()?, 2).filter(|day| (1..=31).contains(day))?;
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let mut clock = time.split(':');
        let hour = number(clock.next()?, 2).filter(|hour| *hour < 24)?;
        let minute = number(clock.next()?, 2).filter(|minute| *minute < 60)?;
        let second = number(clock.next()?, 2).filter(|second| *second < 60)?;
        let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
        if parts.next().is_some() || clock.next().is_some() || !is_fraction {
            return None;
        }
        let microseconds = number(fraction.get(..6).unwrap_or(&format!("{fraction:0<6}")), 6)?;
        let days = days_of(year, month, day).filter(|days| date_of(*days) == (year, month, day))?;
        let seconds = days * SECONDS_OF_DAY + hour * 3600 + minute * 60 + second;
        Some(Self { microseconds: seconds * MICROSECONDS + microseconds })
    }
}

/// Returns the number of days from 1970 to a Gregorian date. Years are counted from March, so that the leap day is the last day of a year.
pub(super) fn days_of(year: u64, month: u64, day: u64) -> Option<u64> {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    days.checked_sub(DAYS_TO_1970)
}

/// The number of days from March 1 of the year 0 to 1970.
const DAYS_TO_1970: u64 = 719_468;

/// Returns the year, month and day of a number of days since 1970.
fn date_of(days: u64) -> (u64, u64, u64) {
    let days = days + DAYS_TO_1970;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year_of_era + next, month, day)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, microseconds) = (self.microseconds / MICROSECONDS, self.microseconds % MICROSECONDS);
        let (year, month, day) = date_of(seconds / SECONDS_OF_DAY);
        let second = seconds % SECONDS_OF_DAY;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.")?;
        let digits = f.precision().unwrap_or(3).min(6);
        f.write_str(&format!("{microseconds:06}")[..digits])?;
        f.write_str("Z")
    }
}

#[cfg(all(test, feature = "serve"))]
mod tests {
    use super::*;

    #[test]
    fn timestamp_round_trips_through_text() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_800, "2000-03-01T00:00:00.000Z"),
            (1_764_404_999, "2025-11-29T08:29:59.000Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            let time = Timestamp::of(UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(time.to_string(), text);
            assert_eq!(Timestamp::parse(text), Some(time));
        }
        let parsed = |text| Timestamp::parse(text).map(Timestamp::milliseconds);
        assert_eq!(parsed("1970-01-02"), Some(86_400_000));
        assert_eq!(parsed("1970-01-01T00:00:01.5Z"), Some(1_500));
        assert_eq!(parsed("1970-01-01T00:00:01.123456Z"), Some(1_123));
    }

    #[test]
    fn text_in_another_format_is_not_parsed_as_a_time() {
        for text in [
            "",
            "now",
            "2026-1-1",
            "2026-13-01",
            "2026-11-32",
            "2026-11-29T25:00:00Z",
            "2026-11-29T08:30:00",
            "2026-11-29T08:30:00.Z",
            "2026-11-29T08:30:00.12éZ",
            "2026-11-29T08:30:00.123xyzZ",
            "2026-02-31",
            "2026-02-29",
            "2026-11-29T08:30:00+01:00",
            "1969-12-31",
            "0000-01-01",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
