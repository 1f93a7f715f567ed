//! MCP. Only this module depends on rmcp.

pub(crate) mod error;
mod handler;
#[cfg(feature = "http")]
pub(crate) mod http;
mod line_transport;
mod lists;
pub(crate) mod options;
mod progress;
pub(crate) mod serve;
mod structured_text;
pub(crate) mod tools;
mod usual_call;
