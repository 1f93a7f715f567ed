//! The record of a package, which is beside its files.

use serde::{Deserialize, Serialize};

use super::installed::InstallScript;
use super::source::{Manager, PackageSource};
use super::start::PackageStart;

/// How a package was fetched, and how it is started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageRecord {
    /// The program that has fetched the package.
    pub manager: Manager,
    /// The name of the package, or the URL of a bundle.
    pub identifier: String,
    /// The version of the package.
    pub version: String,
    /// The digest of the package, which begins with `sha256:`.
    pub digest: String,
    /// The command that starts its program.
    pub start: PackageStart,
    /// When it was fetched, in seconds since 1970.
    pub fetched: u64,
    /// The number of its files, folders and links.
    pub entries: u64,
    /// The bytes of its files.
    pub bytes: u64,
    /// The scripts that would have run at the installation, and did not.
    pub scripts: Vec<InstallScript>,
    /// Facts about how it was fetched.
    pub notes: Vec<String>,
}

impl PackageRecord {
    /// Creates the record of a package that was fetched now.
    pub fn new(source: &PackageSource, installed: &super::installed::Installed) -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self {
            manager: source.manager,
            identifier: source.identifier.clone(),
            version: source.version.clone(),
            digest: installed.digest.clone(),
            start: installed.start.clone(),
            fetched: now.map_or(0, |now| now.as_secs()),
            entries: installed.entries,
            bytes: installed.bytes,
            scripts: installed.scripts.clone(),
            notes: installed.notes.clone(),
        }
    }
}
