//! Why a connector cannot be packaged.

use std::fmt;

/// Why a package cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShipError {
    /// An archive has no room for a path of that length.
    LongPath(String),
    /// An archive has no room for a file of that size.
    LargeFile(String),
    /// The program is not for Linux, and so not for a container.
    NotLinux(String),
    /// The program needs a dynamic linker, which an empty container does not have.
    NotStatic(String),
    /// Clients cannot have an entry for the connector.
    NoEntry(String),
    /// A lock file of Cargo is not valid.
    InvalidLock(String),
}

impl fmt::Display for ShipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LongPath(path) => {
                write!(f, "the path {path} is too long for an archive: shorten the names of its folders")
            }
            Self::LargeFile(path) => {
                write!(f, "{path} has 4 GiB or more, which an archive of this kind cannot contain")
            }
            Self::NotLinux(program) => {
                write!(f, "{program} is not a program for Linux, so it cannot be in a container image")
            }
            Self::NotStatic(program) => {
                write!(
                    f,
                    "{program} is linked dynamically, so it cannot run in a container image without a C library"
                )
            }
            Self::NoEntry(why) => write!(f, "no entry for clients can be made: {why}"),
            Self::InvalidLock(why) => write!(f, "Cargo.lock is not valid: {why}"),
        }
    }
}

impl std::error::Error for ShipError {}
