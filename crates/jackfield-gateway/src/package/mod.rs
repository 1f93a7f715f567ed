//! Fetches, verifies and quarantines packages of published MCP servers (ADR 0077).
//!
//! A package is fetched by its own manager into a folder of the gateway's state. No code of the package runs meanwhile. Its files have one
//! digest, which gateway.toml names, and which is compared before each start. In quarantine, its program gets nothing that it could
//! reveal or change.

mod copy;
pub mod digest;
pub mod fault;
pub mod fetch;
mod folders;
pub mod installed;
pub mod manager_settings;
mod managers;
mod processes;
pub mod quarantine;
pub(crate) mod ready;
pub mod record;
mod run;
mod scripts;
pub mod source;
pub(crate) mod start;
pub mod store;
mod temporary;
mod tree;
mod watch;
mod zip;
