//! The reason why a package cannot be used.

use std::fmt;

/// The reason why a package cannot be fetched, kept or started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFault(String);

impl PackageFault {
    /// Creates the fault with its message.
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }

    /// Creates the fault for a file or folder that cannot be used.
    pub(crate) fn at(path: &std::path::Path, error: impl fmt::Display) -> Self {
        Self(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for PackageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PackageFault {}
