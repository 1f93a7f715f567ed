//! Tests across crates, in one binary, because linking takes long.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod approval_wire;
mod approvals;
mod asking;
mod behaviour;
mod bounded;
mod circles;
mod conformance;
mod content_pages;
mod content_rights;
mod contents;
mod credentials;
mod decisions;
mod decode;
mod digest;
mod engine;
mod faults;
mod freshness;
mod gen_on_disk;
mod hand_written;
mod http;
mod inbound;
mod invariants;
mod jobs;
mod joined_pages;
mod keys;
mod layers;
mod leaks;
mod merges;
mod oauth;
mod pages;
mod preview_equals_generated;
mod properties;
mod protocol;
mod proxy;
mod random_faults;
mod readme;
mod real_upstreams;
mod replies;
mod reply_rules;
mod schemas;
mod search_surface;
mod serve_equals_generated;
mod signer;
mod skipped;
mod sleeps;
mod specs;
mod structured;
mod tidy;
mod tls;
mod typed_errors;
#[cfg(unix)]
mod unix_socket;
mod wire;
mod wordings;
