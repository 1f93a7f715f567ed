//! The IP address from which a request came.

use std::net::IpAddr;

/// The IP address of an HTTP client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);
