//! The protocol. Only this module names rmcp.

mod announcing;
mod asking;
mod begun;
mod client_logger;
pub(crate) mod error;
mod finish;
mod handler;
#[cfg(feature = "http")]
pub(crate) mod http;
mod lists;
pub(crate) mod options;
mod progress;
mod requests;
mod result_meta;
pub(crate) mod serve;
mod session;
#[cfg(feature = "serve")]
mod tasks;
pub(crate) mod tools;
