//! The file in which a reply will be stored.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::problem::SaveProblem;
use crate::call::folders::Folder;

/// A file in which a reply will be stored. Its folder is open, so that it cannot be replaced by a link.
#[derive(Clone, Debug)]
pub(crate) struct SaveTarget {
    pub(super) folder: Arc<Folder>,
    pub(super) name: OsString,
    /// The whole path, for messages.
    pub(super) path: PathBuf,
    pub(super) replaces: bool,
    pub(super) limit: u64,
    pub(super) limit_variable: String,
}

impl SaveTarget {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of the file, and whether it may replace another one, for the digest to which an approval is bound.
    pub(crate) fn facts(&self) -> [Vec<u8>; 2] {
        [self.path.as_os_str().as_encoded_bytes().to_vec(), vec![u8::from(self.replaces)]]
    }

    /// Returns an error if that many bytes exceed the limit.
    pub(crate) fn admit(&self, length: u64) -> Result<(), SaveProblem> {
        if length <= self.limit {
            return Ok(());
        }
        Err(SaveProblem::TooLarge { limit: self.limit, variable: self.limit_variable.clone() })
    }
}
