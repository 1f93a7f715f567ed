//! A package in the folder of its manager.

use std::path::PathBuf;

use crate::package::installed::InstallScript;
use crate::package::start::PackageStart;

/// A package whose files were not compared with anything yet.
#[derive(Default)]
pub(in crate::package) struct Fetched {
    pub(in crate::package) start: PackageStart,
    pub(in crate::package) scripts: Vec<InstallScript>,
    pub(in crate::package) notes: Vec<String>,
    pub(in crate::package) asked: Vec<String>,
    pub(in crate::package) runtime: Vec<PathBuf>,
}
