//! The package managers.

pub(super) mod cargo;
mod download;
mod entry_points;
pub(super) mod fetched;
mod manifest;
pub(super) mod mcpb;
mod node;
pub(super) mod npm;
mod programs;
pub(super) mod pypi;
mod python;
mod sum;
