//! The network to which the IP address of a client belongs.

use std::net::{IpAddr, Ipv6Addr};

/// Returns the address by which clients are counted: an IPv4 address unchanged, and the /64 network of an IPv6 address, because one
/// client usually has 2⁶⁴ IPv6 addresses.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address => address,
    }
}

/// Returns an address as records show it. An IPv6 address is shown as its /64 network.
pub(crate) fn shown_network(address: IpAddr) -> String {
    match network_of(address) {
        IpAddr::V6(network) => format!("{network}/64"),
        address => address.to_string(),
    }
}
