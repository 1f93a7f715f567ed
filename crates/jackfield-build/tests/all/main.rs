//! Tests of the builds. They are one program, because linking a program for each file takes minutes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod arguments;
mod auth;
mod caching;
mod choices;
mod diff;
mod document_extensions;
mod documentation;
mod generating;
mod merges;
mod origins;
mod overlay;
mod parameters;
mod pasted;
mod patience;
mod rates;
mod replies;
mod withheld;
