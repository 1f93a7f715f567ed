//! MCP. Only this module depends on rmcp.

mod announcing;
mod asking;
mod begun;
mod client_logger;
mod connect;
mod content_lists;
mod cursor;
pub(crate) mod error;
mod finish;
mod handler;
#[cfg(feature = "http")]
pub(crate) mod http;
pub(crate) mod limits;
#[cfg(test)]
mod line_call_tests;
mod line_calls;
mod line_output;
mod line_transport;
mod list_pages;
mod listener;
mod lists;
pub(crate) mod options;
mod progress;
pub(crate) mod proxies;
mod requests;
mod result_meta;
pub(crate) mod serve;
mod session;
mod session_client;
mod shared_texts;
mod structured_text;
#[cfg(test)]
mod subscription_tests;
#[cfg(feature = "serve")]
mod tasks;
pub(crate) mod tools;
mod usual_call;
#[cfg(feature = "http")]
mod usual_list;
mod usual_message;
mod view;
