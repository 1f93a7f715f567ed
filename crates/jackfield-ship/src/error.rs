//! The errors of packaging a connector.

use std::fmt;

/// The error of a package that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShipError {
    /// The path is too long for the archive format.
    LongPath(String),
    /// The file is too large for the archive format.
    LargeFile(String),
    /// The program is not a Linux program, so a container cannot run it.
    NotLinux(String),
    /// The program needs a dynamic linker, which an empty container does not have.
    NotStatic(String),
    /// The connector's name is not valid in the configuration of clients.
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
                write!(f, "{path} has 4 GiB or more, which is too large for the archive format")
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
            Self::NoEntry(why) => write!(f, "the entries for clients cannot be made: {why}"),
            Self::InvalidLock(why) => write!(f, "Cargo.lock is not valid: {why}"),
        }
    }
}

impl std::error::Error for ShipError {}
