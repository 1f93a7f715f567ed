//! What crosses the crates: one binary, because linking is what costs.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod behaviour;
mod conformance;
mod decode;
mod freshness;
mod gen_on_disk;
mod http;
mod oauth;
mod preview_equals_generated;
mod properties;
mod protocol;
mod replies;
mod schemas;
mod specs;
mod tidy;
#[cfg(unix)]
mod unix_socket;
mod wordings;
