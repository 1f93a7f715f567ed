//! A folder outside of the user's home, because cargo reads configuration from every folder above the one in which it runs.

use std::fs;
use std::path::PathBuf;

use jackfield_runtime::random_id;

use super::fault::PackageFault;
use super::folders::remove;

/// A folder for temporary files that only its owner can enter. It is removed when this value is dropped.
pub(super) struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Creates the folder.
    ///
    /// # Errors
    /// Returns an error if it cannot be created.
    pub(super) fn create() -> Result<Self, PackageFault> {
        let parent = std::env::temp_dir();
        let parent = parent.canonicalize().map_err(|error| PackageFault::at(&parent, error))?;
        let name = random_id().ok_or_else(|| PackageFault::new("the system gives no random bytes"))?;
        let folder = parent.join(format!("jackfield-{name}"));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|error| PackageFault::at(&folder, error))?;
        Ok(Self(folder))
    }

    /// Creates an empty folder in it.
    ///
    /// # Errors
    /// Returns an error if it cannot be created.
    pub(super) fn inner(&self, name: &str) -> Result<PathBuf, PackageFault> {
        let folder = self.0.join(name);
        fs::create_dir(&folder).map_err(|error| PackageFault::at(&folder, error))?;
        Ok(folder)
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = remove(&self.0);
    }
}
