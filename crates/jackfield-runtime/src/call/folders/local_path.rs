//! Parses absolute paths in arguments.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use jackfield_recipe::percent_decode;

/// The reason why a path in an argument is refused, displayed as text that follows the argument's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathProblem {
    /// The path contains an invalid percent escape, or escaped bytes that are not UTF-8.
    Escape,
    /// The path contains a NUL character.
    NulCharacter,
    /// The path is relative, or on another machine.
    NotAbsolute,
    /// The path contains `..`.
    Climbs,
}

/// Returns the local path in a `file:` URL. `rest` is the URL without its scheme.
pub(crate) fn local_path(rest: &str) -> Result<PathBuf, PathProblem> {
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").filter(|rest| rest.starts_with('/')).unwrap_or(rest),
        None => rest,
    };
    let path = percent_decode(path).and_then(|path| String::from_utf8(path).ok());
    let path = path.ok_or(PathProblem::Escape)?;
    // In `file:///C:/x`, the path begins with a Windows drive.
    let path =
        match path.strip_prefix('/').filter(|rest| cfg!(windows) && rest.as_bytes().get(1) == Some(&b':')) {
            Some(rest) => PathBuf::from(rest),
            None => PathBuf::from(path),
        };
    PathProblem::of(&path).map_or(Ok(path), Err)
}

impl PathProblem {
    /// Returns the problem of a path. `None` if the path is absolute and valid.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        if path.as_os_str().as_encoded_bytes().contains(&0) {
            return Some(Self::NulCharacter);
        }
        if !path.is_absolute() {
            return Some(Self::NotAbsolute);
        }
        path.components().any(|part| part == Component::ParentDir).then_some(Self::Climbs)
    }
}

impl fmt::Display for PathProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Escape => "contains an invalid percent escape: write a literal `%` as %25",
            Self::NulCharacter => "contains a control character in its path",
            Self::NotAbsolute => {
                "does not name an absolute path on this machine: write `file:///folder/name`"
            }
            Self::Climbs => "contains `..` in its path: write the path without `..`",
        })
    }
}
