//! The crates that are published.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::Failure;
use crate::place;
use crate::program::output;

/// A crate that is published.
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
}

impl Package {
    /// Returns the name and version of the crate, as in the file name of its package.
    pub(super) fn full_name(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }
}

/// Finds the crates of the workspace that are published.
pub(super) fn published() -> Result<Vec<Package>, Failure> {
    let mut cargo = jackfield_testkit::cargo();
    cargo.args(["metadata", "--no-deps", "--format-version", "1", "--offline"]).current_dir(place::root());
    let metadata: Value = serde_json::from_slice(&output(&mut cargo)?)
        .map_err(Failure::while_("reading the metadata of the workspace"))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let published = packages.filter(|package| package["publish"].is_null()).map(|package| {
        let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        Package { name: text("name"), version: text("version") }
    });
    Ok(published.collect())
}

/// Returns the path of an unpacked package.
pub(super) fn unpacked(package: &Package, registry: &Path) -> PathBuf {
    registry.join(package.full_name())
}
