//! The overlays of a connector.toml, for commands that write an overlay.

use std::path::{Path, PathBuf};

use super::Manifest;

impl Manifest {
    /// Returns the paths of the overlays, in the order in which they are applied.
    pub fn overlays(&self) -> &[PathBuf] {
        &self.overlays
    }

    /// Returns the manifest without an overlay.
    #[must_use]
    pub fn without_overlay(mut self, overlay: &Path) -> Self {
        self.overlays.retain(|path| path != overlay);
        self
    }
}
