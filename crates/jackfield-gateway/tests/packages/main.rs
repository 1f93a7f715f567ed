//! Packages of published servers: fetched with their managers, quarantined, kept and started.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod bundles;
mod file_server;
mod kept;
mod managers;
mod quarantined;
#[path = "../support/mod.rs"]
mod support;
mod workshop;
mod zip;
