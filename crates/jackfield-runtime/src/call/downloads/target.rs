//! The file in which a reply will be stored.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::problem::SaveProblem;
use crate::call::folders::Folder;

/// A file in which a reply will be stored. Its folder is kept open, so that the folder cannot be replaced by a link.
#[derive(Clone, Debug)]
pub(crate) struct SaveTarget {
    pub(super) folder: Arc<Folder>,
    pub(super) name: OsString,
    /// The whole path of the file, for messages.
    pub(super) path: PathBuf,
    pub(super) replaces: bool,
    pub(super) limit: u64,
    pub(super) limit_variable: String,
}

impl SaveTarget {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path of the file, and whether an existing file may be replaced. An approval is bound to a digest of both.
    pub(crate) fn facts(&self) -> [Vec<u8>; 2] {
        [self.path.as_os_str().as_encoded_bytes().to_vec(), vec![u8::from(self.replaces)]]
    }

    /// Returns an error if `length` bytes exceed the limit.
    pub(crate) fn admit(&self, length: u64) -> Result<(), SaveProblem> {
        if length <= self.limit {
            return Ok(());
        }
        Err(SaveProblem::TooLarge { limit: self.limit, variable: self.limit_variable.clone() })
    }
}
