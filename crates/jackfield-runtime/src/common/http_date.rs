//! Parses dates in HTTP headers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::timestamp::days_of;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Whether a reply was sent (`date`) at least a second after the last change of its resource (`changed`). Otherwise the resource could
/// change again in the same second and keep the same `Last-Modified` (RFC 9110, section 8.8.2.2).
pub(crate) fn tells_changes_apart(date: &str, changed: &str) -> bool {
    let times = parse(date).zip(parse(changed));
    times.is_some_and(|(date, changed)| {
        date.duration_since(changed).is_ok_and(|passed| passed >= Duration::from_secs(1))
    })
}

/// Parses a date in one of the three formats of RFC 9110: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and
/// `Sun Nov  6 08:49:37 1994`. A year of two digits is taken as a year of this century.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    let (day, month, year, time) = match text.split_once(", ") {
        Some((_, rest)) => {
            let (first, rest) = rest.strip_suffix(" GMT")?.split_once(' ')?;
            match first.split_once('-') {
                Some((day, date)) => {
                    let (month, year) = date.split_once('-')?;
                    (day, month, year, rest)
                }
                None => {
                    let mut rest = rest.split(' ');
                    let (month, year) = (rest.next()?, rest.next()?);
                    (first, month, year, rest.next().filter(|_| rest.next().is_none())?)
                }
            }
        }
        None => {
            let mut parts = text.split_ascii_whitespace().skip(1);
            let (month, day, time, year) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
            (day, month, year, time)
        }
    };
    let number = |text: &str, most: u64| -> Option<u64> {
        let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten().filter(|number| *number <= most)
    };
    let year = number(year, 9999).map(|it| if year.len() == 2 { it + 2000 } else { it })?;
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let day = number(day, 31).filter(|day| *day > 0)?;
    let mut clock = time.split(':');
    // A leap second counts as the last second of its minute.
    let (hour, minute, second) =
        (number(clock.next()?, 23)?, number(clock.next()?, 59)?, number(clock.next()?, 60)?.min(59));
    if clock.next().is_some() {
        return None;
    }
    let seconds = days_of(year, month, day)? * 86_400 + hour * 3600 + minute * 60 + second;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_http_date_formats_are_parsed() {
        let seconds =
            |text| parse(text).map(|time| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs());
        for text in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", " Sun, 06 Nov 1994 08:49:37 GMT "]
        {
            assert_eq!(seconds(text), Some(784_111_777), "{text}");
        }
        assert_eq!(seconds("Sunday, 29-Nov-26 08:30:00 GMT"), Some(1_795_941_000));
        for text in [
            "",
            "soon",
            "-1",
            "7",
            "Sun, 06 Nov 1994",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 GMT x GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1960 08:49:37 GMT",
            "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
            "a, é GMT",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
