//! The network of a client's address.

use std::net::{IpAddr, Ipv6Addr};

/// The network of an address. IPv6 addresses are counted by network, because one client usually has 2⁶⁴ of
/// them.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address => address,
    }
}
