//! The list of tools for clients: each tool of a service, or a search over all of them.
//!
//! The search surface is a list of four tools that never changes. `search_tools` and `describe_tool` answer
//! from the catalog. `call_read` and `call_write` are replaced by the tool that they name before the executor
//! checks permissions, so policies and records see that tool.

pub(crate) mod catalog;
pub(crate) mod catalog_entry;
mod cut;
pub(crate) mod describe;
pub(crate) mod error;
pub(crate) mod hits;
pub(crate) mod instructions;
pub(crate) mod learning;
pub(crate) mod promoted;
pub(crate) mod search_surface;
pub(crate) mod surface_tool;
