//! Copies a document, and the files to which it refers, into the connector's folder, so that a fresh clone
//! has them.

use std::fs;
use std::path::{Path, PathBuf};

use jackfield_codegen::{Files, Owner};
use jackfield_model::{Code, Diagnostic};

use crate::error::Error;
use crate::pipeline::Job;
use crate::relative::relative;

/// The folder for copies of a document that consists of several files.
const FOLDER: &str = "document";
/// Names in a connector's folder that a copy must not replace.
const TAKEN: [&str; 12] = [
    ".git",
    ".gitattributes",
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "build.rs",
    "connector.toml",
    "jackfield.lock",
    "references",
    "src",
    "target",
];

/// A planned copy.
pub(crate) struct Copied {
    /// The path of the copy, relative to the connector's folder.
    pub(crate) document: String,
    pub(crate) files: Files,
}

/// Plans the copies of a job's document and of the files that were read for it. `at` is the path of the
/// document in a connector that already has a copy.
pub(crate) fn copy(job: &Job, read: &[PathBuf], at: Option<&str>) -> Result<Copied, Error> {
    let manifest = &job.manifest;
    let document = match &job.given {
        // The folder for referenced files, if the document itself is not a file.
        Some(_) => std::path::absolute(&manifest.document)
            .map_err(|error| Error::file(&manifest.document, "find", &error))?,
        None => canonical(&manifest.document)?,
    };
    let folder = document.parent().unwrap_or(&document).to_path_buf();
    let mut others = Vec::new();
    for path in read {
        let is_own = *path == manifest.document
            || manifest.overlays.contains(path)
            || manifest.auth.ca.as_ref().is_some_and(|(ca, _)| ca == path)
            || path.starts_with(&manifest.references.store)
                && !manifest.references.store.as_os_str().is_empty();
        if !is_own {
            others.push(canonical(path)?);
        }
    }
    let name = document.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let place = match at {
        Some(place) => place.to_owned(),
        None if others.is_empty() => name,
        None => {
            let common = others.iter().fold(folder.clone(), |common, other| common_folder(&common, other));
            format!("{FOLDER}/{}", relative(&common, &document))
        }
    };
    let text = match &job.given {
        Some(given) => String::from_utf8_lossy(&given.bytes).into_owned(),
        None => read_text(&document)?,
    };
    let mut files = Files::default();
    add(&mut files, &place, text)?;
    let beside = place.rsplit_once('/').map_or("", |(folder, _)| folder);
    for other in &others {
        let target = joined(beside, &relative(&folder, other));
        let target =
            target.ok_or_else(|| taken(&relative(&folder, other), "a file outside the connector"))?;
        add(&mut files, &target, read_text(other)?)?;
    }
    Ok(Copied { document: place, files })
}

fn add(files: &mut Files, path: &str, text: String) -> Result<(), Error> {
    let first = path.split('/').next().unwrap_or_default();
    if TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(first)) {
        return Err(self::taken(path, &format!("`{first}` of the connector")));
    }
    // The generator owns the copy, because generating from the document again replaces it.
    files.add(path.to_owned(), Owner::Generator, text);
    Ok(())
}

fn taken(path: &str, place: &str) -> Error {
    Error::plain(
        Diagnostic::error(
            Code::File,
            None,
            format!("the document cannot be copied: {path} would overwrite {place}"),
        )
        .so("nothing was generated")
        .help("add --link to read the document at its present path instead of a copy"),
    )
}

fn canonical(path: &Path) -> Result<PathBuf, Error> {
    fs::canonicalize(path).map_err(|error| Error::file(path, "read", &error))
}

fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|error| Error::file(path, "read", &error))
}

/// Returns the deepest folder that contains both paths.
fn common_folder(folder: &Path, file: &Path) -> PathBuf {
    folder.components().zip(file.components()).take_while(|(a, b)| a == b).map(|(part, _)| part).collect()
}

/// Resolves a relative path within the connector. None if the path leads out of the connector.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_copy_is_written_only_inside_the_connector_folder() {
        assert_eq!(joined("document/v1", "../common.yaml"), Some("document/common.yaml".to_owned()));
        assert_eq!(joined("", "schemas/a.yaml"), Some("schemas/a.yaml".to_owned()));
        assert_eq!(joined("", "../common.yaml"), None);
        assert!(add(&mut Files::default(), "src/main.rs", String::new()).is_err());
        assert!(add(&mut Files::default(), "schemas/a.yaml", String::new()).is_ok());
    }
}
