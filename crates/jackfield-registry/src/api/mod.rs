//! The API of a registry, version 0.1.

pub(crate) mod address;
pub(crate) mod client;
pub(crate) mod error;
pub(crate) mod http;
pub(crate) mod page;
pub(crate) mod retry;
pub(crate) mod split;
