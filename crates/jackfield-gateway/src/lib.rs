//! The gateway: many connectors and other MCP servers behind one endpoint, and agents with rights to some of them.
//!
//! It is a layer over the runtime: rights, approvals, limits, audit and search are the runtime's (ADR 0069).

mod account;
mod command_line;
mod commands;
pub mod config;
mod confinement;
mod failure;
mod gateway;
mod remote;
mod wire;

use std::process::ExitCode;

use clap::Parser as _;

pub use command_line::helps;
pub use gateway::Gateway;
pub use remote::RemoteSource;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    if let Some(code) = confinement::launch::run() {
        return code;
    }
    commands::run(command_line::Arguments::parse()).unwrap_or_else(|failure| {
        failure::tell(&failure);
        ExitCode::from(2)
    })
}
