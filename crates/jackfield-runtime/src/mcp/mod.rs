//! MCP. Only this module depends on rmcp.

mod announcing;
mod asking;
mod begun;
mod client_logger;
pub(crate) mod error;
mod finish;
mod handler;
#[cfg(feature = "http")]
pub(crate) mod http;
mod line_transport;
mod lists;
pub(crate) mod options;
mod progress;
mod requests;
mod result_meta;
pub(crate) mod serve;
mod session;
mod structured_text;
#[cfg(feature = "serve")]
mod tasks;
pub(crate) mod tools;
mod usual_call;
