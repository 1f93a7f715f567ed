//! The network of a client's address.

use std::net::{IpAddr, Ipv6Addr};

/// Returns the address by which clients are counted: an IPv4 address itself, and the network of an IPv6 address, because one client
/// usually has 2⁶⁴ of them.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address => address,
    }
}
