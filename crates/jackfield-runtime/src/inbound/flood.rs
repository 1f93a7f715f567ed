//! Limits the attempts to authenticate from each network address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::common::network::network_of;

/// The time after which an address gets one more attempt.
const INTERVAL: Duration = Duration::from_millis(200);

/// The most attempts at once.
const BURST: u32 = 50;

/// The most addresses. Beyond them, all others share one limit.
const MAX_ADDRESSES: usize = 8192;

/// Counts the attempts that failed. Attempts in flight do not count, so many valid requests at one time are no flood.
#[derive(Default)]
pub(crate) struct FloodGuard {
    /// For each address the time at which it has all its attempts again.
    full: Mutex<HashMap<IpAddr, Instant>>,
}

/// An address has made too many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyAttempts {
    /// The seconds after which another one is possible.
    pub(crate) seconds: u64,
}

impl FloodGuard {
    /// Checks whether an address may make another attempt. Clients without an address, which come through a socket, are not
    /// limited.
    ///
    /// # Errors
    /// The address has made too many attempts.
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
        // Attempts that were in flight at one time must not lock an address out for longer.
        full.insert(address, time.min(now + INTERVAL * BURST));
    }
}

/// The address under which an attempt counts: beyond the most addresses, one for all others.
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

    /// An attempt that fails.
    fn fail(guard: &FloodGuard, peer: Option<IpAddr>, now: Instant) -> Result<(), TooManyAttempts> {
        guard.check(peer, now)?;
        guard.count(peer, now);
        Ok(())
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn address_with_wrong_tokens_is_limited_and_others_are_not() {
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
    fn successful_attempts_do_not_count() {
        let (guard, now) = (FloodGuard::default(), Instant::now());
        for _ in 0..10 * BURST {
            guard.check(address("192.0.2.1"), now).unwrap();
        }
    }

    #[test]
    fn attempts_in_flight_lock_an_address_out_for_no_longer() {
        let (guard, now) = (FloodGuard::default(), Instant::now());
        for _ in 0..10 * BURST {
            guard.count(address("192.0.2.1"), now);
        }
        assert!(guard.check(address("192.0.2.1"), now).is_err());
        assert!(guard.check(address("192.0.2.1"), now + INTERVAL).is_ok());
    }

    #[test]
    fn addresses_of_one_network_of_ipv6_share_a_limit() {
        let (guard, now) = (FloodGuard::default(), Instant::now());
        for host in 0..BURST {
            fail(&guard, address(&format!("2001:db8:0:1::{host:x}")), now).unwrap();
        }
        assert!(fail(&guard, address("2001:db8:0:1:ffff::1"), now).is_err());
        assert!(fail(&guard, address("2001:db8:0:2::1"), now).is_ok());
    }

    #[test]
    fn memory_is_bounded_in_addresses() {
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
