//! Limits the attempts to authenticate from each network address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::common::network::network_of;

/// The interval at which an address gains one more attempt.
const INTERVAL: Duration = Duration::from_millis(200);

/// The maximum number of attempts in a burst.
const BURST: u32 = 50;

/// The maximum number of addresses with a separate limit. All further addresses share one limit.
const MAX_ADDRESSES: usize = 8192;

/// Counts failed attempts to authenticate by address. Attempts in flight do not count, so many concurrent valid
/// requests do not count as a flood.
#[derive(Default)]
pub(crate) struct FloodGuard {
    /// The time at which each address has its full number of attempts again.
    full: Mutex<HashMap<IpAddr, Instant>>,
}

/// The error for an address that has made too many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyAttempts {
    /// The seconds until another attempt is possible.
    pub(crate) seconds: u64,
}

impl FloodGuard {
    /// Checks whether an address may make another attempt. Clients of a Unix socket have no address and are
    /// not limited.
    ///
    /// # Errors
    /// Returns an error if the address has made too many attempts.
    pub(crate) fn check(&self, peer: Option<IpAddr>, now: Instant) -> Result<(), TooManyAttempts> {
        let Some(address) = peer.map(network_of) else { return Ok(()) };
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        let address = counted_as(address, &mut full, now);
        match full.get(&address).is_none_or(|time| *time + INTERVAL <= now + INTERVAL * BURST) {
            true => Ok(()),
            false => Err(TooManyAttempts { seconds: 1 }),
        }
    }

    /// Counts an attempt that failed.
    pub(crate) fn count(&self, peer: Option<IpAddr>, now: Instant) {
        let Some(address) = peer.map(network_of) else { return };
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        let address = counted_as(address, &mut full, now);
        let time = full.get(&address).copied().filter(|time| *time > now).unwrap_or(now) + INTERVAL;
        // Attempts that were in flight when the limit was reached must not extend the lockout.
        full.insert(address, time.min(now + INTERVAL * BURST));
    }
}

/// Returns the key under which an attempt is counted. It is the address, or a shared key if the maximum number of
/// addresses is reached.
fn counted_as(address: IpAddr, full: &mut HashMap<IpAddr, Instant>, now: Instant) -> IpAddr {
    if full.len() >= MAX_ADDRESSES && !full.contains_key(&address) {
        full.retain(|_, time| *time > now);
    }
    let is_known = full.contains_key(&address) || full.len() < MAX_ADDRESSES;
    if is_known { address } else { Ipv6Addr::UNSPECIFIED.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes an attempt that fails.
    fn fail(guard: &FloodGuard, peer: Option<IpAddr>, now: Instant) -> Result<(), TooManyAttempts> {
        guard.check(peer, now)?;
        guard.count(peer, now);
        Ok(())
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn flood_limit_applies_only_to_the_address_that_sends_wrong_tokens() {
        let (guard, now) = (FloodGuard::default(), Instant::now());
        for _ in 0..BURST {
            fail(&guard, address("192.0.2.1"), now).unwrap();
        }
        assert_eq!(fail(&guard, address("192.0.2.1"), now).unwrap_err().seconds, 1);
        assert!(fail(&guard, address("::ffff:192.0.2.1"), now).is_err());
        assert!(fail(&guard, address("192.0.2.2"), now).is_ok() && fail(&guard, None, now).is_ok());
        assert!(fail(&guard, address("192.0.2.1"), now + INTERVAL).is_ok());
        assert!(fail(&guard, address("192.0.2.1"), now + INTERVAL).is_err());
    }

    #[test]
    fn successful_attempts_do_not_count_toward_the_flood_limit() {
        let (guard, now) = (FloodGuard::default(), Instant::now());
        for _ in 0..10 * BURST {
            guard.check(address("192.0.2.1"), now).unwrap();
        }
    }

    #[test]
    fn concurrent_failed_attempts_do_not_prolong_the_lockout() {
        let (guard, now) = (FloodGuard::default(), Instant::now());
        for _ in 0..10 * BURST {
            guard.count(address("192.0.2.1"), now);
        }
        assert!(guard.check(address("192.0.2.1"), now).is_err());
        assert!(guard.check(address("192.0.2.1"), now + INTERVAL).is_ok());
    }

    #[test]
    fn ipv6_addresses_of_one_network_share_a_limit() {
        let (guard, now) = (FloodGuard::default(), Instant::now());
        for host in 0..BURST {
            fail(&guard, address(&format!("2001:db8:0:1::{host:x}")), now).unwrap();
        }
        assert!(fail(&guard, address("2001:db8:0:1:ffff::1"), now).is_err());
        assert!(fail(&guard, address("2001:db8:0:2::1"), now).is_ok());
    }

    #[test]
    fn flood_guard_remembers_a_bounded_number_of_addresses() {
        let (guard, now) = (FloodGuard::default(), Instant::now());
        let mut refused = 0;
        for host in 0..u32::try_from(MAX_ADDRESSES).unwrap() + 3 * BURST {
            let peer = Some(std::net::Ipv4Addr::from(0x0a00_0000 + host).into());
            refused += u32::from(fail(&guard, peer, now).is_err());
        }
        let known = guard.full.lock().unwrap().len();
        assert!(known <= MAX_ADDRESSES + 1 && refused == 2 * BURST, "{known} {refused}");
        let later = now + INTERVAL * (BURST + 1);
        assert!(fail(&guard, address("192.0.2.1"), later).is_ok());
        assert_eq!(guard.full.lock().unwrap().len(), 1);
    }
}
