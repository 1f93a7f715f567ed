//! The time limits of the phases of a call.

use std::time::Duration;

use jackfield_recipe::TimeLimits;
use tokio::time::Instant;

use crate::call::rows::Connector;
use crate::common::environment::{Environment, InvalidNumber, Setting};

/// The default limit of a call, including credentials, redirects, retries and the body. Clients give up after 60 seconds,
/// so a truncated reply has to reach the client earlier.
const TOTAL: u32 = 50;

/// The default limit for connecting. Most hosts accept a connection within seconds, and a second attempt may reach
/// another address.
const CONNECT: u32 = 10;

/// The default limit of a call that sends or stores a file. A large file may take long while bytes are moving.
const TRANSFER: u32 = 3_600;

/// The time limits of one connector's calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PhaseLimits {
    pub(crate) connect: Duration,
    /// The limit until a reply begins, if it is shorter than the limit of the call.
    pub(crate) first_byte: Option<Duration>,
    /// The limit between two parts of a reply.
    pub(crate) between_bytes: Option<Duration>,
    pub(crate) total: Duration,
    /// The limit of a call that sends or stores a file. It replaces `total`.
    pub(crate) transfer: Duration,
}

impl PhaseLimits {
    /// Returns the limits in the connector's table, or in `<CONNECTOR>_TIMEOUT` and similar variables, which take
    /// precedence. Also returns an error if the value of a variable is invalid.
    pub(crate) fn of(connector: &Connector<'_>, environment: &Environment) -> (Self, Option<InvalidNumber>) {
        let mut fault = None;
        let mut limit = |setting: Setting, of_table: Option<u32>| {
            let variable = setting.variable(connector.name);
            let of_table = of_table.map(u64::from);
            let seconds = match environment.get(&variable) {
                None => of_table,
                Some(_) => match environment.number(&variable, 1, most(setting) as usize) {
                    Ok(seconds) => Some(seconds as u64),
                    Err(invalid) => {
                        fault.get_or_insert(invalid);
                        of_table
                    }
                },
            };
            seconds.map(Duration::from_secs)
        };
        let TimeLimits { connect, first_byte, between_bytes, total, transfer } = connector.timeouts;
        let limits = Self {
            connect: limit(Setting::ConnectTimeout, Some(connect.unwrap_or(CONNECT))).unwrap_or_default(),
            first_byte: limit(Setting::FirstByteTimeout, first_byte),
            between_bytes: limit(Setting::BetweenBytesTimeout, between_bytes),
            total: limit(Setting::Timeout, Some(total.unwrap_or(TOTAL))).unwrap_or_default(),
            transfer: limit(Setting::TransferTimeout, Some(transfer.unwrap_or(TRANSFER))).unwrap_or_default(),
        };
        (limits, fault)
    }

    /// Returns the limits of a call that sends or stores a file. In such a call, the usual limit of a whole call is the default limit for
    /// each pause between bytes.
    pub(super) fn of_transfer(&self) -> Self {
        Self {
            first_byte: Some(self.first_byte.unwrap_or(self.total)),
            between_bytes: Some(self.between_bytes.unwrap_or(self.total)),
            total: self.transfer,
            ..*self
        }
    }

    /// Returns the deadline by which the reply to a request has to begin if the request is sent now. Also returns the
    /// limit in seconds, for messages.
    pub(super) fn first_byte_until(&self, deadline: Instant) -> (Instant, u64) {
        match self.first_byte.map(|limit| (Instant::now() + limit, limit.as_secs())) {
            Some((until, seconds)) if until < deadline => (until, seconds),
            _ => (deadline, self.total.as_secs()),
        }
    }

    /// Returns the deadline by which the next part of a reply has to be received.
    pub(super) fn next_bytes_until(&self, deadline: Instant) -> Instant {
        self.between_bytes.map_or(deadline, |limit| deadline.min(Instant::now() + limit))
    }
}

fn most(setting: Setting) -> u32 {
    match setting {
        Setting::TransferTimeout => TimeLimits::MOST_TRANSFER,
        _ => TimeLimits::MOST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeout_variables_override_the_limits_of_the_connector() {
        static SHOP: Connector<'_> =
            Connector::new("shop").timeouts(TimeLimits::new().connect(3).between_bytes(4));
        let limits = |variables: &[(&str, &str)]| {
            let (limits, fault) = PhaseLimits::of(&SHOP, &Environment::of(variables.iter().copied()));
            let seconds = |limit: Option<Duration>| limit.map_or(0, |limit| limit.as_secs());
            let PhaseLimits { connect, first_byte, between_bytes, total, transfer } = limits;
            let all = [Some(connect), first_byte, between_bytes, Some(total), Some(transfer)].map(seconds);
            (all, fault.map(|fault| fault.to_string()))
        };
        assert_eq!(limits(&[]), ([3, 0, 4, 50, 3600], None));
        let set = [("SHOP_TIMEOUT", "20"), ("SHOP_TIMEOUT_FIRST_BYTE", "5"), ("SHOP_TIMEOUT_CONNECT", "2")];
        assert_eq!(limits(&set), ([2, 5, 4, 20, 3600], None));
        assert_eq!(limits(&[("SHOP_TIMEOUT_TRANSFER", "86400")]), ([3, 0, 4, 50, 86_400], None));
        for wrong in ["0", "601", "ten", "-1"] {
            let (all, fault) = limits(&[("SHOP_TIMEOUT_CONNECT", wrong)]);
            assert_eq!(all, [3, 0, 4, 50, 3600]);
            assert!(fault.is_some_and(|fault| fault.contains("SHOP_TIMEOUT_CONNECT")), "{wrong}");
        }
    }

    #[test]
    fn transfer_has_a_stall_limit_and_a_separate_total_limit() {
        let (limits, _) = PhaseLimits::of(&Connector::new("shop"), &Environment::of::<&str, &str>([]));
        let transfer = limits.of_transfer();
        assert_eq!(transfer.between_bytes, Some(Duration::from_secs(50)));
        assert_eq!(transfer.first_byte, Some(Duration::from_secs(50)));
        assert_eq!(transfer.total, Duration::from_secs(3_600));
    }
}
