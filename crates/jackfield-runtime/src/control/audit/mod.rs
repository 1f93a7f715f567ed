//! The audit: files with records of calls, in which every later change can be detected.
//!
//! Each process writes one chain of records. Every record carries a code (HMAC) over itself and the code of the record
//! before it, made with a key from the vault, so nobody without the key can change, insert or remove a record unseen.

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
