//! MCP messages to one other server, over the standard streams of a child process or over HTTP.
//!
//! Messages are kept as JSON values, so that clients get results exactly as the server sent them (ADR 0069).

mod addresses;
pub(crate) mod announced;
pub(crate) mod child;
pub(crate) mod connection;
mod exchange;
pub(crate) mod flight;
pub(crate) mod group;
pub(crate) mod headers;
pub(crate) mod http;
pub(crate) mod incoming;
mod lines;
mod link;
pub(crate) mod link_fault;
pub(crate) mod listener;
pub(crate) mod message_window;
pub(crate) mod printed_length;
pub(crate) mod questions;
mod sse;
