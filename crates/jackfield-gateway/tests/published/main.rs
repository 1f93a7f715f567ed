//! Published servers: found in a registry, judged, added, called, updated and removed with the commands.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod entries;
mod hostile;
mod packages;
mod place;
mod registry;
mod remotes;
#[path = "../support/mod.rs"]
mod support;
