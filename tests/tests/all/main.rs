//! What crosses the crates: one binary, because linking is what costs.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod behaviour;
mod freshness;
mod gen_on_disk;
mod http;
mod preview_equals_generated;
mod protocol;
mod specs;
mod tidy;
