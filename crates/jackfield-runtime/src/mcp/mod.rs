//! The protocol: the only module that names rmcp.

pub(crate) mod error;
#[cfg(feature = "http")]
pub(crate) mod http;
pub(crate) mod options;
pub(crate) mod serve;
