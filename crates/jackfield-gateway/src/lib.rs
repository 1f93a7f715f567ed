//! The gateway: many connectors and other MCP servers behind one endpoint, and agents with rights to some of them.
//!
//! The gateway is a layer over the runtime, which implements rights, approvals, limits, audit and search (ADR 0069).

mod account;
mod agent_store;
mod builder;
mod client_servers;
mod command_line;
mod commands;
pub mod config;
mod confinement;
mod connect;
mod failure;
mod gateway;
mod gateway_files;
mod gateway_parts;
mod gateway_rights;
#[doc(hidden)]
pub mod package;
mod remote;
mod run;
mod wire;

use std::process::ExitCode;

pub use builder::Gateway;
pub use command_line::helps;
pub use remote::RemoteSource;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    Gateway::new().run()
}
