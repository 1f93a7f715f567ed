//! Absolute paths in arguments.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use jackfield_recipe::percent_decode;

/// Why a path in an argument is refused, as text that follows the argument's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathProblem {
    /// The path has a `%` that is not an escape.
    Escape,
    /// The path has a NUL character.
    NulCharacter,
    /// The path is relative, or names another machine.
    NotAbsolute,
    /// The path has a `..`.
    Climbs,
}

/// The local path in a `file:` URL, given without its scheme.
pub(crate) fn local_path(rest: &str) -> Result<PathBuf, PathProblem> {
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").filter(|rest| rest.starts_with('/')).unwrap_or(rest),
        None => rest,
    };
    let path = percent_decode(path).and_then(|path| String::from_utf8(path).ok());
    let path = path.ok_or(PathProblem::Escape)?;
    // In `file:///C:/x`, the path begins with a drive of Windows.
    let path =
        match path.strip_prefix('/').filter(|rest| cfg!(windows) && rest.as_bytes().get(1) == Some(&b':')) {
            Some(rest) => PathBuf::from(rest),
            None => PathBuf::from(path),
        };
    PathProblem::of(&path).map_or(Ok(path), Err)
}

impl PathProblem {
    /// The problem of a path that has to be absolute.
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
            Self::Escape => "names a file with a `%` that is not an escape: write it as %25",
            Self::NulCharacter => "names a file with an invalid character",
            Self::NotAbsolute => {
                "names a file that is not on this machine, or whose path does not begin at its root: write \
                 `file:///folder/name`"
            }
            Self::Climbs => "names a file by a path with `..`: write the path without it",
        })
    }
}
