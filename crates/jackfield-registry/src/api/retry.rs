//! How long a registry asks to wait.

use std::time::Duration;

/// The time to wait if the registry does not say how long.
const USUAL: Duration = Duration::from_secs(60);
/// The maximum time to wait. A longer wish is cut, so that a wrong answer cannot end the polling for years.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Returns the time to wait for a `Retry-After` header. A date is not compared with the clock of this machine, which may be wrong.
pub(super) fn wait(header: Option<&str>) -> Duration {
    let seconds = header.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    seconds.unwrap_or(USUAL).clamp(Duration::from_secs(1), LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_is_within_a_second_and_a_day() {
        for (header, seconds) in [
            (None, 60),
            (Some("30"), 30),
            (Some(" 7 "), 7),
            (Some("0"), 1),
            (Some("-5"), 60),
            (Some("999999999999"), 86_400),
            (Some("99999999999999999999999"), 60),
            (Some("Wed, 21 Oct 2026 07:28:00 GMT"), 60),
        ] {
            assert_eq!(wait(header), Duration::from_secs(seconds), "{header:?}");
        }
    }
}
