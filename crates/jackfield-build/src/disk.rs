//! Writes or checks files. Unchanged files are not written; files that are no longer generated are removed.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jackfield_codegen::{Files, Owner};

use crate::error::Error;

/// The written and removed files, as paths relative to the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// New files.
    pub created: Vec<String>,
    /// Changed files.
    pub changed: Vec<String>,
    /// Removed files.
    pub removed: Vec<String>,
    /// The number of unchanged files.
    pub unchanged: usize,
}

/// A file that differs from what would be generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The path, relative to the folder.
    pub path: String,
    /// The kind of difference.
    pub difference: Difference,
}

/// A difference between a file on disk and the file that would be generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The file is missing.
    Missing,
    /// The file exists, but is no longer generated.
    Orphan,
    /// The first line that differs.
    Line {
        /// The line number, from 1.
        number: usize,
        /// The line on disk.
        found: String,
        /// The line that would be generated.
        expected: String,
    },
}

impl std::fmt::Display for Drift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.difference {
            Difference::Missing => write!(f, "{}: is missing", self.path),
            Difference::Orphan => write!(f, "{}: is no longer generated", self.path),
            Difference::Line { number, found, expected } => {
                write!(f, "{}:{number}: differs\n  - {found}\n  + {expected}", self.path)
            }
        }
    }
}

/// Writes files that changed. The user's files are written only if they are missing.
pub(crate) fn write(files: &Files, folder: &Path, owned: Option<&str>) -> Result<Outcome, Error> {
    let mut outcome = Outcome::default();
    for (path, file) in files.iter() {
        let target = folder.join(path);
        let found = read(&target)?;
        match found {
            Some(_) if file.owner == Owner::User => outcome.unchanged += 1,
            Some(found) if found == file.text.as_bytes() => outcome.unchanged += 1,
            found => {
                if let Some(parent) = target.parent() {
                    fs::create_dir_all(parent).map_err(|error| Error::file(parent, "make", &error))?;
                }
                replace(&target, &file.text)?;
                let list = if found.is_some() { &mut outcome.changed } else { &mut outcome.created };
                list.push(path.to_owned());
            }
        }
    }
    for (path, target) in orphans(files, folder, owned)? {
        fs::remove_file(&target).map_err(|error| Error::file(&target, "remove", &error))?;
        outcome.removed.push(path);
    }
    Ok(outcome)
}

/// Returns the changes that writing would make. Existing files of the user are not compared.
pub(crate) fn check(files: &Files, folder: &Path, owned: Option<&str>) -> Result<Vec<Drift>, Error> {
    let mut drifts = Vec::new();
    for (path, file) in files.iter() {
        let difference = match read(&folder.join(path))? {
            None => Difference::Missing,
            Some(_) if file.owner == Owner::User => continue,
            Some(found) => match first_difference(&found, &file.text) {
                Some(difference) => difference,
                None => continue,
            },
        };
        drifts.push(Drift { path: path.to_owned(), difference });
    }
    for (path, _) in orphans(files, folder, owned)? {
        drifts.push(Drift { path, difference: Difference::Orphan });
    }
    drifts.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(drifts)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file(path, "read", &error)),
    }
}

/// Writes a temporary file and renames it, so that readers never see an incomplete file.
fn replace(target: &Path, text: &str) -> Result<(), Error> {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = target.with_file_name(name);
    fs::write(&beside, text).and_then(|()| fs::rename(&beside, target)).map_err(|error| {
        // The incomplete file is removed. If that fails too, the first error is reported.
        let _ = fs::remove_file(&beside);
        Error::file(target, "write", &error)
    })
}

/// Finds files in the generator's folder that are no longer generated.
fn orphans(files: &Files, folder: &Path, owned: Option<&str>) -> Result<Vec<(String, PathBuf)>, Error> {
    let Some(owned) = owned else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let root = folder.join(owned);
    // A link could lead to files that the generator does not own.
    if fs::symlink_metadata(&root).is_ok_and(|meta| meta.is_dir()) {
        collect(&root, owned, &mut found)?;
    }
    found.retain(|(path, _)| files.get(path).is_none());
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, shown: &str, found: &mut Vec<(String, PathBuf)>) -> Result<(), Error> {
    let entries = fs::read_dir(folder).map_err(|error| Error::file(folder, "read", &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| Error::file(folder, "read", &error))?;
        let kind = entry.file_type().map_err(|error| Error::file(&entry.path(), "read", &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // The paths of files are relative to the folder.
        let shown = if shown == "." { name } else { format!("{shown}/{name}") };
        if kind.is_dir() {
            collect(&entry.path(), &shown, found)?;
        } else {
            found.push((shown, entry.path()));
        }
    }
    Ok(())
}

fn first_difference(found: &[u8], expected: &str) -> Option<Difference> {
    if found == expected.as_bytes() {
        return None;
    }
    let found = String::from_utf8_lossy(found);
    let shorten = |line: Option<&str>| {
        line.map_or_else(|| "(end of file)".to_owned(), |line| line.chars().take(120).collect())
    };
    let (mut left, mut right) = (found.lines(), expected.lines());
    for number in 1.. {
        let (a, b) = (left.next(), right.next());
        if a != b || a.is_none() {
            return Some(Difference::Line { number, found: shorten(a), expected: shorten(b) });
        }
    }
    None
}
