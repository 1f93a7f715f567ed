//! The address from which a request came.

use std::net::IpAddr;

use super::network::network_of;

/// The address of an HTTP client, or the network of an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl ClientAddress {
    /// The form of audit records.
    pub(crate) fn shown(self) -> String {
        match network_of(self.0) {
            IpAddr::V6(network) => format!("{network}/64"),
            address => address.to_string(),
        }
    }
}
