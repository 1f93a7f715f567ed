//! The path and the URL of a connector's document.

use std::path::Path;

use super::Manifest;

impl Manifest {
    /// Returns the document's path.
    pub fn document(&self) -> &Path {
        &self.document
    }

    /// Returns the URL at which the document is published, if the file sets it.
    pub fn document_url(&self) -> Option<&str> {
        self.document_url.as_deref()
    }
}
