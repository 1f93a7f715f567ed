//! Test helpers for both sides of a connector: its service and its MCP client. Only tests and `cargo xtask try` use them.
//!
//! [`Upstream`] acts as the service: it records each request byte for byte, and sends the answers that a test chooses. [`Mock`] derives
//! answers from a [`Connector`](jackfield_model::Connector), with values from [`sample()`]. [`Client`] is an MCP client over a child
//! process or a stream.
//!
//! [`disagreements`] compares the full and the lean wording of a connector.
//!
//! [`canary()`] creates credentials that [`leaks`] finds in any output.
//!
//! [`RegistryMock`] acts as a registry of MCP servers, with [generated entries](generated_items).
//!
//! [`Issuer`] acts as an authorization server that signs access tokens.
//!
//! `Terminal`, on Unix, is a pseudoterminal for programs that ask a person.
//!
//! [`cargo()`] starts a nested cargo.
//!
//! [`skipped()`] reports a test that cannot run on this machine.
//!
//! Only unpublished crates depend on this crate.

mod alike;
mod canary;
mod cargo;
mod client;
mod issuer;
mod mock;
mod published_schema;
mod registry;
mod sample;
mod schema;
mod skipped;
#[cfg(unix)]
mod terminal;
mod tls;
mod upstream;
mod vault;

pub use alike::{disagreements, reached};
pub use canary::{canary, leaks, with_canaries, without_canaries};
pub use cargo::cargo;
pub use client::{Client, ClientError, Handshake};
pub use issuer::Issuer;
pub use mock::Mock;
pub use published_schema::schema_problems;
pub use registry::{RegistryItem, RegistryMock, generated_items, generated_servers, malformed_items};
pub use rmcp::RoleClient;
pub use rmcp::model::{CallToolResult, ContentBlock, ErrorCode, ErrorData, ServerPeerInfo, Tool};
pub use rmcp::service::{Peer, ServiceError};
pub use sample::{Fill, Limits, arguments, fits, sample};
pub use schema::schema_faults;
pub use skipped::skipped;
#[cfg(unix)]
pub use terminal::Terminal;
pub use tls::{Authority, Certified, Clients, Validity};
pub use upstream::{Answer, Recorded, Upstream};
pub use vault::expire_tokens;
