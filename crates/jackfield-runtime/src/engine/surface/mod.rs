//! The list of tools for clients: every tool of a service, or search tools.
//!
//! The search surface is a list of four tools that never changes. `search_tools` and `describe_tool` answer from the catalog. A call of
//! `call_read` or `call_write` is replaced by a call of the tool that it names before the executor checks permissions, so policies and
//! records see the named tool.

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
