//! Checks that a server can write its state.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::engine::pending::Pending;
use crate::engine::policy::readiness::Readiness;

/// A folder in which a server has to be able to write.
#[derive(Clone, Debug)]
pub struct WritableFolder {
    name: &'static str,
    folder: PathBuf,
}

impl WritableFolder {
    /// Creates the check of a folder. `name` identifies the folder in the report.
    pub const fn new(name: &'static str, folder: PathBuf) -> Self {
        Self { name, folder }
    }
}

impl Readiness for WritableFolder {
    fn name(&self) -> &'static str {
        self.name
    }

    fn check(&self) -> Pending<'_, bool> {
        let folder = self.folder.clone();
        Box::pin(
            async move { tokio::task::spawn_blocking(move || write(&folder).is_ok()).await.unwrap_or(false) },
        )
    }
}

/// Writes and syncs a small file, so that a full disk is detected too. Each process uses its own file.
fn write(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!(".ready-{}", std::process::id()));
    let written = fs::File::create(&path).and_then(|mut file| {
        file.write_all(b"ready\n")?;
        file.sync_all()
    });
    let removed = fs::remove_file(&path);
    written.and(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn readiness_check_fails_if_a_folder_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let checked = WritableFolder::new("audit", folder.path().to_owned());
        assert!(checked.check().await);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        drop(folder);
        assert!(!checked.check().await);
        assert_eq!(checked.name(), "audit");
    }
}
