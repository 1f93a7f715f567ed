//! The one way that every call goes, whoever makes it.

pub(crate) mod admission;
pub(crate) mod api;
pub(crate) mod custom;
pub(crate) mod service;
#[cfg(test)]
mod shared_client;
