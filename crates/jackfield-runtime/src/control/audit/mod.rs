//! The audit: files with records of calls, in which any later change can be detected.
//!
//! Each process writes one chain of records. Every record carries a MAC (HMAC) of itself and of the MAC of the previous
//! record. The key comes from the vault, so a record cannot be changed, inserted or removed unnoticed without the key.

mod activity;
pub(crate) mod chain;
pub(crate) mod files;
pub(crate) mod head;
pub(crate) mod journal;
pub(crate) mod line;
pub(crate) mod log;
mod profile;
pub(crate) mod query;
mod queue;
mod unusual;
pub(crate) mod usage;
pub(crate) mod verify;

#[cfg(test)]
mod tests;
