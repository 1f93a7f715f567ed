//! MCP. Only this module depends on rmcp.

mod announcing;
mod asking;
mod client_logger;
pub(crate) mod error;
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
pub(crate) mod tools;
mod usual_call;
