//! How referenced files are reached.

use std::fmt;
use std::sync::Arc;

/// Reaches the files that a document refers to. The caller decides what may be reached.
pub trait Loader {
    /// The file that `reference` means in the file named `base`. `reference` has no fragment
    /// and no escapes.
    ///
    /// # Errors
    /// There is no such file, or it may not be read.
    fn load(&mut self, base: &str, reference: &str) -> Result<Loaded, LoadError>;
}

/// A file that was reached.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The one name of this file, however it is referred to.
    pub name: Arc<str>,
    /// What it holds; none when the name is known already and the bytes were not read again.
    pub bytes: Vec<u8>,
}

/// Why a file was not reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It is not there, or it cannot be read.
    Unreadable(String),
    /// It lies where this run may not read, such as outside the document's folder.
    Refused(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(text) | Self::Refused(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for LoadError {}

/// Reaches nothing: for documents that stand alone.
#[derive(Clone, Copy, Debug)]
pub struct NoFiles;

impl Loader for NoFiles {
    fn load(&mut self, _base: &str, reference: &str) -> Result<Loaded, LoadError> {
        Err(LoadError::Refused(format!("{reference} is another file, and this run reads one")))
    }
}
