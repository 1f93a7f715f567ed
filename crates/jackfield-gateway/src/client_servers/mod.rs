//! The servers in the files of MCP clients, as connectors of gateway.toml.

mod convert;
mod expand;
mod secret;
mod source;

pub(crate) use convert::convert;
pub(crate) use source::ClientServers;
