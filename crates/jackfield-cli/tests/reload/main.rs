//! `jackfield serve` while its files change: calls, announcements, credentials, approvals and withheld tools.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod changes;
mod http;
mod place;
mod withheld;
