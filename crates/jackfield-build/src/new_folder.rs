//! The folder of a new connector that is served without generated code: connector.toml, the document and jackfield.lock.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use jackfield_codegen::{Files, LOCK_FILE};

use crate::crate_folder::{absolute, canonical};
use crate::document_copy;
use crate::error::Error;
use crate::manifest::Manifest;
use crate::pipeline::{Job, model_of};
use crate::relative::relative;
use crate::report::Modelled;

const MANIFEST: &str = "connector.toml";

/// A new folder. Existing files are never overwritten.
#[derive(Clone, Debug)]
pub struct NewFolder {
    folder: PathBuf,
    job: Job,
    document: String,
    copies: Files,
}

impl NewFolder {
    /// Plans the folder for the document of a job. `read` lists the files that the job has read. A document outside the folder is copied.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read, or if the copy of a file would get the same name as another file of the connector.
    pub fn plan(folder: &Path, job: Job, read: &[PathBuf]) -> Result<Self, Error> {
        let target = absolute(folder)?;
        let folder = folder.to_path_buf();
        if job.given.is_none() {
            let document = canonical(&job.manifest.document)?;
            if document.starts_with(&target) {
                let document = relative(&target, &document);
                return Ok(Self { folder, job, document, copies: Files::default() });
            }
        }
        let copied = document_copy::copy(&job, read, None)?;
        Ok(Self { folder, job, document: copied.document, copies: copied.files })
    }

    /// Returns the path by which connector.toml refers to the document.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Reads the document with the choices of a connector.toml for this folder, which is not written yet.
    ///
    /// # Errors
    /// Returns an error if the text or the document is invalid, or a choice matches nothing.
    pub fn model(&self, manifest: &str) -> Result<Modelled, Error> {
        let path = self.folder.join(MANIFEST);
        let mut manifest = Manifest::parse(&path.display().to_string(), manifest, &self.folder)?;
        // The copy does not exist yet.
        manifest.document.clone_from(&self.job.manifest.document);
        let mut job = Job::new(manifest);
        job.watcher = self.job.watcher.clone();
        job.shown_as.clone_from(&self.job.shown_as);
        job.given.clone_from(&self.job.given);
        model_of(&job)
    }

    /// Returns the existing files that would have to be replaced. A copy of the document with the same content is kept.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read.
    pub fn existing(&self) -> Result<Vec<PathBuf>, Error> {
        let mut existing = Vec::new();
        for name in [MANIFEST, LOCK_FILE] {
            let path = self.folder.join(name);
            if fs::symlink_metadata(&path).is_ok() {
                existing.push(path);
            }
        }
        for (name, file) in self.copies.iter() {
            let path = self.folder.join(name);
            if fs::symlink_metadata(&path).is_ok() && !is_same(&path, &file.text)? {
                existing.push(path);
            }
        }
        Ok(existing)
    }

    /// Writes the files, and returns their paths in the folder. If a file cannot be written, the files written before it are removed.
    ///
    /// # Errors
    /// Returns an error if a file cannot be written, or exists already.
    pub fn write(&self, manifest: &str, lock: &str) -> Result<Vec<String>, Error> {
        let mut written = Written::default();
        for (name, file) in self.copies.iter() {
            let path = self.folder.join(name);
            if fs::symlink_metadata(&path).is_err() || !is_same(&path, &file.text)? {
                written.add(&self.folder, name, &file.text)?;
            }
        }
        written.add(&self.folder, LOCK_FILE, lock)?;
        // connector.toml comes last, because it makes the folder a connector.
        written.add(&self.folder, MANIFEST, manifest)?;
        Ok(written.keep())
    }
}

fn is_same(path: &Path, text: &str) -> Result<bool, Error> {
    match fs::read(path) {
        Ok(found) => Ok(found == text.as_bytes()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::file(path, "read", &error)),
    }
}

/// New files and folders. They are removed on drop unless [`Written::keep`] is called.
#[derive(Default)]
struct Written {
    names: Vec<String>,
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Written {
    fn add(&mut self, folder: &Path, name: &str, text: &str) -> Result<(), Error> {
        let path = folder.join(name);
        let failed = |error: std::io::Error| Error::file(&path, "write", &error);
        if let Some(parent) = path.parent() {
            self.create_folders(parent).map_err(failed)?;
        }
        // A file or link that another program creates in the meantime is not replaced.
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed)?;
        self.files.push(path.clone());
        file.write_all(text.as_bytes()).map_err(failed)?;
        self.names.push(name.to_owned());
        Ok(())
    }

    fn create_folders(&mut self, folder: &Path) -> std::io::Result<()> {
        let missing = folder.ancestors().take_while(|one| !one.as_os_str().is_empty() && !one.exists());
        let missing: Vec<&Path> = missing.collect();
        for one in missing.into_iter().rev() {
            fs::create_dir(one)?;
            self.folders.push(one.to_path_buf());
        }
        Ok(())
    }

    fn keep(mut self) -> Vec<String> {
        self.files.clear();
        self.folders.clear();
        std::mem::take(&mut self.names)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        // Errors here are ignored, because the first error is reported. A folder that now contains other files is kept.
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "openapi: 3.0.3\nservers: [{ url: https://api.example.com }]\npaths:\n  /books:\n    get: { operationId: listBooks, responses: { '204': { description: Done. } } }\n";
    const TEXT: &str = "document = \"api.yaml\"\nname = \"api\"\n";

    fn plan(place: &Path, folder: &str) -> NewFolder {
        let document = place.join("api.yaml");
        fs::write(&document, DOCUMENT).unwrap();
        let job = Job::new(Manifest::for_document(&document, None));
        let read = model_of(&job).unwrap().report.read;
        NewFolder::plan(&place.join(folder), job, &read).unwrap()
    }

    #[test]
    fn folder_written_by_new_matches_the_lock_in_that_folder() {
        let place = tempfile::tempdir().unwrap();
        let new = plan(place.path(), "made/desk");
        let lock = new.model(TEXT).unwrap().lock_text();
        assert_eq!(new.write(TEXT, &lock).unwrap(), ["api.yaml", "jackfield.lock", "connector.toml"]);
        let served = crate::ServedFolder::open(&place.path().join("made/desk/connector.toml")).unwrap();
        served.locked_model().unwrap();
    }

    #[test]
    fn document_inside_the_connector_folder_is_not_copied() {
        let place = tempfile::tempdir().unwrap();
        let new = plan(place.path(), "");
        assert_eq!(new.document(), "api.yaml");
        assert_eq!(new.existing().unwrap(), Vec::<PathBuf>::new());
        assert_eq!(new.write(TEXT, "").unwrap(), ["jackfield.lock", "connector.toml"]);
    }

    #[test]
    fn existing_files_are_listed_and_not_replaced() {
        let place = tempfile::tempdir().unwrap();
        let new = plan(place.path(), "desk");
        let folder = place.path().join("desk");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("api.yaml"), DOCUMENT).unwrap();
        assert_eq!(new.existing().unwrap(), Vec::<PathBuf>::new(), "an equal copy is kept");
        fs::write(folder.join("api.yaml"), "mine").unwrap();
        fs::write(folder.join("connector.toml"), "mine").unwrap();
        assert_eq!(new.existing().unwrap(), [folder.join("connector.toml"), folder.join("api.yaml")]);
        assert!(new.write(TEXT, "").is_err());
        assert_eq!(fs::read_to_string(folder.join("api.yaml")).unwrap(), "mine");
    }

    #[test]
    fn failed_write_removes_the_files_that_were_already_written() {
        let place = tempfile::tempdir().unwrap();
        let new = plan(place.path(), "made/desk");
        let folder = place.path().join("made/desk");
        // The last file cannot be written.
        let mut written = Written::default();
        written.add(&folder, "api.yaml", DOCUMENT).unwrap();
        drop(written);
        assert!(!place.path().join("made").exists());
        fs::create_dir_all(folder.join("connector.toml")).unwrap();
        assert!(new.write(TEXT, "").is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "only what was there before");
    }
}
