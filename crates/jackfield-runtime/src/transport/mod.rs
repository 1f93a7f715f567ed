//! Sends requests and receives replies: the HTTP client, TLS, Unix sockets, redirects, decompression and their
//! limits.
//!
//! Callers of this module implement the trait [`Authenticate`](authenticate::Authenticate) to authenticate
//! requests.

pub(crate) mod authenticate;
mod charset;
pub(crate) mod client;
pub(crate) mod coding;
pub(crate) mod connect;
pub(crate) mod destinations;
pub(crate) mod error;
pub(crate) mod exchange;
mod leak_scan;
pub(crate) mod media;
mod proxied;
pub(crate) mod proxy;
mod receive;
pub(crate) mod redirect;
pub(crate) mod remote_http;
pub(crate) mod reply;
pub(crate) mod request_body;
pub(crate) mod saving;
pub(crate) mod send_problem;
pub(crate) mod service_stream;
pub(crate) mod status_header;
pub(crate) mod stream;
pub(crate) mod time_limits;
mod timed_connector;
pub(crate) mod tls;
mod transfer_report;
mod unix;
mod upload_clock;
