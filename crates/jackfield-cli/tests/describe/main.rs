//! Tests of `jackfield describe` with a command that answers well, badly, slowly, without end, and with hostile texts.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod command;
mod shop;
mod texts;
