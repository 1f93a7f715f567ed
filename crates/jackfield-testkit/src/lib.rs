//! What tests and `cargo xtask try` share: the two ends that a connector stands between.
//!
//! [`Upstream`] is the service behind a connector: it records what arrives, byte for byte, and answers as it is told.
//! [`Mock`] makes such answers out of a [`Connector`](jackfield_model::Connector) alone, with values from [`sample()`].
//! [`Client`] is the other end: a real MCP client over a child process or a stream.
//!
//! [`disagreements`] holds two wordings of a connector against each other.
//!
//! [`canary()`] makes credentials that [`leaks`] finds wherever they are.
//!
//! [`cargo()`] is the cargo that tests and tasks start.
//!
//! [`skipped()`] reports a test that cannot run on this machine.
//!
//! Nothing that a user ships links this crate.

mod alike;
mod canary;
mod cargo;
mod client;
mod mock;
mod sample;
mod schema;
mod skipped;
mod tls;
mod upstream;
mod vault;

pub use alike::{disagreements, reached};
pub use canary::{canary, leaks, with_canaries, without_canaries};
pub use cargo::cargo;
pub use client::{Client, ClientError, Era};
pub use mock::Mock;
pub use rmcp::RoleClient;
pub use rmcp::model::{CallToolResult, ContentBlock, ErrorCode, ErrorData, ServerPeerInfo, Tool};
pub use rmcp::service::{Peer, ServiceError};
pub use sample::{Fill, Limits, arguments, fits, sample};
pub use schema::schema_faults;
pub use skipped::skipped;
pub use tls::{Authority, Certified, Clients, Validity};
pub use upstream::{Answer, Recorded, Upstream};
pub use vault::expire_tokens;
