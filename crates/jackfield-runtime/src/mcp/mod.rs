//! MCP. Only this module depends on rmcp.

pub(crate) mod error;
mod handler;
#[cfg(feature = "http")]
pub(crate) mod http;
mod lists;
pub(crate) mod options;
mod progress;
pub(crate) mod serve;
pub(crate) mod tools;
