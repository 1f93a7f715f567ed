//! Parameters that nearly all operations repeat: which become settings or credentials, and which stay arguments.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod credentials;
mod document;
mod settings;
