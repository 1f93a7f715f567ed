//! Parameters that nearly all operations have: which become settings or credentials, and which remain
//! arguments.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod credentials;
mod document;
mod settings;
