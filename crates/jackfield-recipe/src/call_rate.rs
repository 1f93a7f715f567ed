//! Rates of calls, such as `60/min`.

use std::fmt;
use std::str::FromStr;

/// The units of time, each with its spellings. Messages use the last spelling.
const UNITS: [(u32, &[&str]); 4] = [
    (1, &["s", "sec", "second"]),
    (60, &["m", "min", "minute"]),
    (3600, &["h", "hour"]),
    (86_400, &["d", "day"]),
];

/// A number of calls per period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallRate {
    /// The number of calls, at least 1.
    pub calls: u32,
    /// The seconds of the period, at least 1.
    pub seconds: u32,
}

impl fmt::Display for CallRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = if self.calls == 1 { "call" } else { "calls" };
        let unit = UNITS.iter().find(|(seconds, _)| *seconds == self.seconds);
        match unit.and_then(|(_, names)| names.last()) {
            Some(unit) => write!(f, "{} {calls} per {unit}", self.calls),
            None => write!(f, "{} {calls} per {} seconds", self.calls, self.seconds),
        }
    }
}

impl FromStr for CallRate {
    type Err = InvalidCallRate;

    fn from_str(text: &str) -> Result<Self, InvalidCallRate> {
        let invalid = || InvalidCallRate(text.chars().take(64).collect());
        let (calls, unit) = text.split_once('/').ok_or_else(invalid)?;
        let calls = calls.trim().parse().ok().filter(|calls| *calls > 0).ok_or_else(invalid)?;
        let unit = UNITS.iter().find(|(_, names)| names.contains(&unit.trim()));
        let (seconds, _) = unit.ok_or_else(invalid)?;
        Ok(Self { calls, seconds: *seconds })
    }
}

/// The error for an invalid rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidCallRate(String);

impl fmt::Display for InvalidCallRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a rate: write it as in 10/s, 60/min, 1000/hour or 5000/day", self.0)
    }
}

impl std::error::Error for InvalidCallRate {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn call_rate_is_parsed_from_a_number_and_a_unit() {
        for (text, shown) in [
            ("60/min", "60 calls per minute"),
            ("1/s", "1 call per second"),
            (" 1000 / hour ", "1000 calls per hour"),
            ("5/d", "5 calls per day"),
        ] {
            assert_eq!(text.parse::<CallRate>().map(|rate| rate.to_string()), Ok(shown.to_owned()));
        }
        for wrong in ["", "60", "0/min", "-1/min", "60/fortnight", "60 min", "1.5/s", "99999999999/s", "/s"] {
            assert!(wrong.parse::<CallRate>().is_err(), "{wrong}");
        }
    }
}
