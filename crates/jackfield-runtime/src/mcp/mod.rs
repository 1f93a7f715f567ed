//! The protocol. Only this module names rmcp.

pub(crate) mod error;
mod handler;
#[cfg(feature = "http")]
pub(crate) mod http;
mod lists;
pub(crate) mod options;
mod progress;
pub(crate) mod serve;
#[cfg(feature = "serve")]
mod tasks;
pub(crate) mod tools;
