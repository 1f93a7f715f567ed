//! A package that was fetched.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use super::start::PackageStart;

/// A package that was fetched and not kept yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Installed {
    /// The folder of its files.
    pub tree: PathBuf,
    /// The command that starts its program.
    pub start: PackageStart,
    /// The digest of its files and of this command, which begins with `sha256:`.
    pub digest: String,
    /// The number of its files and folders, and the bytes of its files.
    pub entries: u64,
    /// The bytes of its files.
    pub bytes: u64,
    /// The scripts of the package and of its dependencies that would run at the installation, and did not.
    pub scripts: Vec<InstallScript>,
    /// Facts about how it was fetched, as sentences.
    pub notes: Vec<String>,
    /// The environment variables that the package itself asks for, in addition to the entry of the registry.
    pub asked: Vec<String>,
    /// Files outside of the package that its program needs, such as those of an interpreter.
    pub runtime: Vec<PathBuf>,
}

/// A script that a package runs at its installation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InstallScript {
    /// The package, with its version.
    pub package: String,
    /// The name of the script, such as `postinstall`.
    pub name: String,
    /// The command.
    pub command: String,
}
