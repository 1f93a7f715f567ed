//! Packages of a connector: the entry of the MCP Registry, a bundle for desktop clients, a container image, a plugin,
//! an archive, and entries for clients.
//!
//! [`packages`] is a pure function of a [`Shipment`]: it uses no files, clock or network, and returns the same bytes on every machine.

mod archive;
mod bill_of_materials;
mod client_entries;
mod deflate;
mod error;
mod file;
mod image;
mod json;
mod markdown;
mod mcp_bundle;
mod packages;
mod platform;
mod plugin;
#[cfg(test)]
mod sample;
mod server_json;
mod shipment;
mod skill;
mod tar;
mod zip;

pub use bill_of_materials::components_of_lock;
pub use error::ShipError;
pub use file::PackageFile;
pub use packages::{CHECKSUMS, Package, Packages, packages, parse_checksums};
pub use platform::Platform;
pub use server_json::{is_registry_name, shows_registry_name};
pub use shipment::{Argument, Component, Payload, Published, Shipment, ShippedTool, ToolGroup, Variable};
