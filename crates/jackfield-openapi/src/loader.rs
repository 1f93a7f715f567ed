//! Loading of referenced files.

use std::fmt;
use std::sync::Arc;

/// Loads the files to which a document refers. The implementation decides which files may be loaded.
pub trait Loader {
    /// Loads the file to which `reference` in the file `base` points. `reference` has no fragment and is
    /// percent-decoded.
    ///
    /// # Errors
    /// Returns an error if the file does not exist or must not be loaded.
    fn load(&mut self, base: &str, reference: &str) -> Result<Loaded, LoadError>;
}

/// A loaded file.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The canonical name, which is equal for all references to the file.
    pub name: Arc<str>,
    /// The content; empty if a file of that name was loaded before.
    pub bytes: Vec<u8>,
}

/// The reason why a file was not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The file does not exist, or cannot be opened.
    Unreadable(String),
    /// The file must not be loaded, for instance because the file is outside the document's folder.
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

/// Refuses every file, for documents that consist of one file.
#[derive(Clone, Copy, Debug)]
pub struct NoFiles;

impl Loader for NoFiles {
    fn load(&mut self, _base: &str, reference: &str) -> Result<Loaded, LoadError> {
        Err(LoadError::Refused(format!(
            "{reference} is in another file, and references to other files are not followed here"
        )))
    }
}
