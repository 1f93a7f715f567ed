//! The limits on retries and failures of a connector.

use jackfield_recipe::RetryLimits;

use crate::call::rows::Connector;
use crate::common::environment::{Environment, InvalidNumber, Setting};

/// The default maximum number of attempts of a call. Most clients wait for a minute, so there is no time for more attempts.
const ATTEMPTS: u32 = 3;

/// The default number of consecutive failures that open the circuit of a host.
const FAILURES: u32 = 10;

/// The limits of one connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UpstreamLimits {
    pub(in crate::engine) attempts: u32,
    /// The number of failures that open the circuit; 0 if the breaker is disabled.
    pub(super) breaker: u32,
}

impl UpstreamLimits {
    /// Returns the limits from the connector's table. `<CONNECTOR>_RETRY` replaces the number of attempts; it is a number or `off`.
    ///
    /// # Errors
    /// Returns the limits of the table together with an error if the variable has another value.
    pub(crate) fn of(connector: &Connector<'_>, environment: &Environment) -> (Self, Option<InvalidNumber>) {
        let RetryLimits { attempts, breaker } = connector.retry;
        let mut limits =
            Self { attempts: attempts.unwrap_or(ATTEMPTS), breaker: breaker.unwrap_or(FAILURES) };
        let variable = Setting::Retry.variable(connector.name);
        if environment.get(&variable).is_some_and(|text| text.trim().eq_ignore_ascii_case("off")) {
            limits.attempts = 1;
            return (limits, None);
        }
        match environment.number(&variable, limits.attempts as usize, RetryLimits::MOST_ATTEMPTS as usize) {
            Ok(number) => {
                limits.attempts = u32::try_from(number).unwrap_or(ATTEMPTS);
                (limits, None)
            }
            Err(invalid) => (limits, Some(invalid)),
        }
    }
}
