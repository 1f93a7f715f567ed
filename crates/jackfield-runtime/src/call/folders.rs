//! Folders that the user allows. Files are read and stored only below these folders.

#[cfg(unix)]
mod beneath;
#[cfg(not(unix))]
mod canonical;
mod local_path;
mod refused;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

#[cfg(unix)]
use beneath::Root;
#[cfg(not(unix))]
use canonical::Root;

use crate::common::environment::{Environment, Setting};

#[cfg(unix)]
pub(crate) use beneath::Folder;
#[cfg(not(unix))]
pub(crate) use canonical::Folder;
pub(crate) use local_path::{PathProblem, local_path};
pub(crate) use refused::Refused;

/// The folders in one environment variable, and the size limit of files in another variable.
#[derive(Debug)]
pub(crate) struct AllowedFolders {
    /// The folders, as the user has spelled them.
    folders: Vec<PathBuf>,
    /// The open folders. A folder is opened when the connector starts, or as soon as it exists. If the folder is replaced
    /// later, the new folder is not accessible.
    roots: Vec<OnceLock<Root>>,
    /// The environment variable that names the folders.
    pub(crate) variable: String,
    /// The environment variable that sets the size limit.
    pub(crate) limit_variable: String,
    limit: Result<u64, InvalidLimit>,
}

/// A size limit that is not a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InvalidLimit {
    pub(crate) variable: String,
    pub(crate) text: String,
}

impl AllowedFolders {
    /// Reads the folders and the limit from the given environment variables of the connector.
    pub(crate) fn of(
        connector: &str,
        environment: &Environment,
        (folders, limit): (Setting, Setting),
        usual_limit: u64,
    ) -> Self {
        let (variable, limit_variable) = (folders.variable(connector), limit.variable(connector));
        let folders = environment.get(&variable).unwrap_or_default();
        let folders: Vec<PathBuf> =
            std::env::split_paths(&folders).filter(|folder| !folder.as_os_str().is_empty()).collect();
        let limit = match environment.get(&limit_variable) {
            None => Ok(usual_limit),
            Some(text) => {
                let limit = text.trim().parse();
                limit.map_err(|_| InvalidLimit { variable: limit_variable.clone(), text })
            }
        };
        let roots = folders.iter().map(|_| OnceLock::new()).collect();
        let allowed = Self { folders, roots, variable, limit_variable, limit };
        allowed.open_roots();
        allowed
    }

    /// Whether the user has not allowed any folder.
    pub(crate) fn is_empty(&self) -> bool {
        self.folders.is_empty()
    }

    /// Returns the first folder, as the user has spelled it.
    pub(crate) fn first(&self) -> Option<&Path> {
        self.folders.first().map(PathBuf::as_path)
    }

    /// Returns the maximum size of a file in bytes.
    pub(crate) fn limit(&self) -> Result<u64, InvalidLimit> {
        self.limit.clone()
    }

    /// Returns `path` relative to the first allowed folder that is a prefix of it. `None` if no allowed folder is a prefix.
    pub(crate) fn below<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        let spelled = self.folders.iter().find_map(|folder| path.strip_prefix(folder).ok());
        spelled.or_else(|| self.open_roots().into_iter().find_map(|root| root.below(path)))
    }

    /// Returns the folders that exist.
    fn open_roots(&self) -> Vec<&Root> {
        let mut opened = Vec::new();
        for (folder, root) in self.folders.iter().zip(&self.roots).filter(|(folder, _)| folder.is_absolute())
        {
            if root.get().is_none()
                && let Ok(found) = Root::open(folder)
            {
                // Another call may have opened the folder in the meantime.
                let _ = root.set(found);
            }
            opened.extend(root.get());
        }
        opened
    }

    /// Returns the list of folders, for messages.
    pub(crate) fn shown(&self) -> String {
        let mut text = String::new();
        for (at, folder) in self.folders.iter().enumerate() {
            let _ = write!(text, "{}{}", if at == 0 { "" } else { " or " }, folder.display());
        }
        text
    }

    /// Returns the folders that exist, if `path` begins with one of the allowed folders. Paths outside the folders are not examined,
    /// because a model must not learn which files exist there.
    fn roots_of(&self, path: &Path) -> Result<Vec<&Root>, Refused> {
        let roots = self.open_roots();
        let is_named =
            self.folders.iter().any(|it| path.starts_with(it)) || roots.iter().any(|it| it.names(path));
        match roots.is_empty() {
            _ if !is_named => Err(Refused::Outside),
            true => Err(Refused::NoRoot),
            false => Ok(roots),
        }
    }

    /// Opens the file at an absolute path. Links within the folders are followed. Also returns the name of the opened file, which differs
    /// from the path if links lead to it.
    pub(crate) fn open_file(&self, path: &Path) -> Result<(File, OsString), Refused> {
        let roots = self.roots_of(path)?;
        Root::open_file(&roots, path)
    }

    /// Opens the folder at an absolute path, so that a file can be stored in it. Links are not followed.
    pub(crate) fn open_folder(&self, path: &Path) -> Result<Folder, Refused> {
        let roots = self.roots_of(path)?;
        Root::open_folder(&roots, path)
    }
}
