//! Messages of the protocol, to one other server: over the streams of a child process, or over HTTP.
//!
//! Messages stay JSON values, so that results reach clients as the server sent them (ADR 0069).

pub(crate) mod child;
pub(crate) mod connection;
mod exchange;
mod group;
mod http;
mod incoming;
mod lines;
pub(crate) mod link_fault;
mod sse;
