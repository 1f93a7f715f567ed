//! A temporary checkout of an earlier commit.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::place;

/// A git worktree. It is removed when this value is dropped.
pub(in crate::bench) struct Checkout {
    folder: PathBuf,
}

impl Checkout {
    /// Checks out a commit into a folder.
    ///
    /// # Errors
    /// Returns an error if the commit does not exist.
    pub(in crate::bench) fn of(commit: &str, folder: PathBuf) -> Result<Self, Failure> {
        if folder.exists() {
            // The folder exists if an earlier run was interrupted.
            remove(&folder);
        }
        git(&["worktree", "add", "--force", "--detach", "--quiet"], &[folder.as_os_str(), commit.as_ref()])?;
        Ok(Self { folder })
    }

    pub(in crate::bench) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

fn remove(folder: &Path) {
    if let Err(failure) = git(&["worktree", "remove", "--force"], &[folder.as_os_str()]) {
        eprintln!("warning: {failure}; remove it with `git worktree remove --force {}`", folder.display());
    }
}

fn git(words: &[&str], more: &[&std::ffi::OsStr]) -> Result<(), Failure> {
    let status = Command::new("git").args(words).args(more).current_dir(place::root()).status();
    match status.map_err(Failure::while_("starting git"))? {
        status if status.success() => Ok(()),
        status => Err(Failure::new(format!("`git {}` failed: {status}", words.join(" ")))),
    }
}
